"""Command line for exports and imports without a browser."""
