"""Reads image files: frames, masks and image sequences."""
