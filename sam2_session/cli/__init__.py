"""The command line: exports and imports without a browser."""
