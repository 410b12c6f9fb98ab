"""The command line: exports without a browser."""
