"""Converts between masks and outlines, in source pixels."""
