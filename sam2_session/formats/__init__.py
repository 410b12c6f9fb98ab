"""JSON and PNG files that other programs read."""
