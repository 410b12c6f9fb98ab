"""Outlines of masks, and masks of outlines."""
