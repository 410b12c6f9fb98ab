"""Names of frame and mask files: frame 0 is ``00001``; and which files a frame can come from."""

from __future__ import annotations

from pathlib import PurePath

from sam2_session.core.errors import InvalidRequest

VIDEO_SUFFIXES = frozenset(
    {
        ".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".f4v", ".avi", ".divx", ".mkv", ".webm",
        ".ts", ".mts", ".m2ts", ".m2t", ".trp", ".mpg", ".mpeg", ".mpe", ".m1v", ".m2v", ".vob",
        ".mod", ".tod", ".wmv", ".asf", ".flv", ".ogv", ".ogg", ".ogm", ".gif", ".mxf", ".dv",
        ".nut", ".ivf", ".mjpeg", ".mjpg", ".rm", ".rmvb", ".wtv", ".h261", ".h263", ".h264",
        ".264", ".avc", ".h265", ".265", ".hevc", ".obu", ".vc1", ".drc", ".y4m", ".nsv", ".nuv",
        ".gxf", ".dav"
    }
)  # fmt: skip
IMAGE_SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".dib"}
)
ARCHIVE_SUFFIXES = frozenset({".zip"})  # of such images
# files beside videos that nobody expects in their list: texts, and what is still on its way
BESIDE_VIDEOS = frozenset(
    {
        ".txt", ".md", ".json", ".jsonl", ".csv", ".tsv", ".xml", ".yaml", ".yml", ".toml", ".ini",
        ".log", ".html", ".htm", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".srt", ".vtt", ".ass",
        ".sub", ".idx", ".nfo", ".url", ".db", ".py", ".sh", ".bat", ".sha256", ".md5", ".part",
        ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".temp", ".swp", ".bak"
    }
)  # fmt: skip
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
    """Return whether a file's suffix is that of an image."""
    return suffix_of(name) in IMAGE_SUFFIXES


def suffix_of(name: str) -> str:
    """Return the ending of a name like ``.mp4``, in small letters; empty without one."""
    return f".{name.rpartition('.')[2].lower()}" if "." in name else ""
