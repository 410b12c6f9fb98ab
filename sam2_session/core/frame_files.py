"""Names of frame and mask files: frame 0 is ``00001``; and which files a frame can come from."""

from __future__ import annotations

from pathlib import PurePath

from sam2_session.core.errors import InvalidRequest

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"})
ARCHIVE_SUFFIXES = frozenset({".zip"})  # of such images
MAX_FRAME_IDX = 10**8


def file_number(frame_idx: int) -> str:
    """Number a frame's or mask's file: ``frame_idx + 1``, at least five digits."""
    if isinstance(frame_idx, bool) or not isinstance(frame_idx, int):
        raise InvalidRequest(f"frame_idx must be a whole number, not {frame_idx!r}.")
    if not 0 <= frame_idx < MAX_FRAME_IDX:
        raise InvalidRequest(f"frame_idx {frame_idx} is out of range.", hint="It counts from 0.")
    return f"{frame_idx + 1:05d}"


def frame_idx_of(path: PurePath) -> int | None:
    """Read the frame from the name of a frame's or mask's file; None for any other file."""
    stem = path.stem
    if not (stem.isascii() and stem.isdecimal() and 0 < int(stem) <= MAX_FRAME_IDX):
        return None
    frame_idx = int(stem) - 1
    return frame_idx if file_number(frame_idx) == stem else None


def is_image_file(name: str) -> bool:
    """Whether a file's suffix is that of an image."""
    return "." in name and f".{name.rsplit('.', 1)[1].lower()}" in IMAGE_SUFFIXES
