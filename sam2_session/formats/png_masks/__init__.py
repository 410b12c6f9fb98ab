"""Masks as PNG files: binary, numbered, or with a palette (DAVIS)."""
