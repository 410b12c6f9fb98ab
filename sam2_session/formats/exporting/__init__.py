"""Shared by all writers: source, options, archive."""
