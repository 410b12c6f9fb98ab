"""Mask files, their rows and their staleness."""
