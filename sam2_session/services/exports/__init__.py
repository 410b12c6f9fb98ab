"""Exports: what is chosen of a video, written in a format, and kept for download."""
