"""Exports: a selection of a video, written in a format and kept for download."""
