"""Masks as picture files: plain, numbered or in palettes."""
