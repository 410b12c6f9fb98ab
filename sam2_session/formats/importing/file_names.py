"""Reads a frame's name out of a URL or path, without what other programs add to it."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")  # Label Studio puts it before uploaded names
LOCAL_FILE = (
    "d",
    "fileuri",
    "filepath",
)  # fields of Label Studio's addresses that hold the file's path
SUFFIX = r"(?:jpe?g|png|bmp|webp|tiff?|gif)"
DECORATIONS = (
    re.compile(rf"(?:[_.-]{SUFFIX})?\.rf\.[0-9A-Za-z]+", re.IGNORECASE),  # Roboflow
    re.compile(r"[_.-]mask[_-]?\d*$", re.IGNORECASE),
    re.compile(rf"[_.-]{SUFFIX}$", re.IGNORECASE),  # 00001.jpg.png
)
# Label Studio's brushes as PNG: the numbers are those of task and annotation, never of a frame
BRUSH_FILE = re.compile(r"^task-(\d+)-annotation-\d+(?:-by-[^/]*?)?-tag-.*$")


def base_name(url: str) -> str:
    """Cut a URL to its file name: ``/data/upload/3/1a2b3c4d-00012.png?x=1`` to ``00012.png``."""
    return path_of(url).rsplit("/", 1)[-1]


def path_of(url: str) -> str:
    """Return the path that a URL names, also one in a field ``?d=`` of it; escapes are undone.

    The prefix that Label Studio puts before an uploaded name is removed.
    """
    path = unquote(_local_file(url) or re.split(r"[?#]", url, maxsplit=1)[0]).replace("\\", "/")
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{UPLOAD_PREFIX.sub('', name)}"


def bare_stem(name: str) -> str:
    """Return a file's name without its suffix and without known additions.

    >>> bare_stem("clip_mp4-0003_jpg.rf.9931ab07_mask.png")
    'clip_mp4-0003'
    """
    stem = PurePosixPath(name).stem if "." in name else name
    if brush := BRUSH_FILE.match(stem):
        return f"task-{brush[1]}"
    for decoration in (*DECORATIONS, DECORATIONS[0]):
        shorter = decoration.sub("", stem)
        stem = shorter or stem
    return stem


def is_brush_file(name: str) -> bool:
    """Return whether a name is one of Label Studio's brush files, which do not say their frame."""
    return BRUSH_FILE.match(name.rsplit(".", 1)[0]) is not None


def _local_file(url: str) -> str | None:
    try:
        fields = parse_qs(urlsplit(url).query)
    except ValueError:
        return None
    for name in LOCAL_FILE:
        for value in fields.get(name, ()):
            return _decoded(value) if name == "fileuri" else value
    return None


def _decoded(value: str) -> str:
    try:
        return b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        return value
