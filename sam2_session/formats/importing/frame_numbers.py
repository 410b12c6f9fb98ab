"""Finds frame numbers in file names, and the offset that makes them count from 0."""

from __future__ import annotations

import re
from collections.abc import Iterable

UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")  # Label Studio puts it before uploaded names
DIGITS = re.compile(r"\d+")


def base_name(url: str) -> str:
    """Cut a URL to its file name: ``/data/upload/3/1a2b3c4d-00012.png?x=1`` to ``00012.png``."""
    name = url.split("?", 1)[0].split("#", 1)[0].replace("\\", "/").rsplit("/", 1)[-1]
    return UPLOAD_PREFIX.sub("", name)


def number_in(name: str) -> int | None:
    """Read the last run of digits before the suffix; None without one."""
    stem = name.rsplit(".", 1)[0] if "." in name else name
    found = DIGITS.findall(stem)
    return int(found[-1]) if found and len(found[-1]) <= 9 else None


def offset_of(numbers: Iterable[int], num_frames: int) -> int:
    """Guess what to add to frame numbers so that they count from 0: -1 or 0.

    Numbers that start at 1, or end at `num_frames`, count from 1.
    """
    known = sorted(numbers)
    from_one = bool(known) and known[0] > 0 and (known[0] == 1 or known[-1] == num_frames)
    return -1 if from_one else 0
