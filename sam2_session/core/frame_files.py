"""Frames that come as pictures instead of a video: which files they are."""

from __future__ import annotations

FRAME_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"})
ARCHIVE_SUFFIXES = frozenset({".zip"})  # of such pictures


def is_frame_file(name: str) -> bool:
    """Whether a file's name is that of a picture."""
    return "." in name and f".{name.rsplit('.', 1)[1].lower()}" in FRAME_SUFFIXES
