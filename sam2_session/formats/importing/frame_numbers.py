"""Finds frame numbers in file names, and the offset that makes them count from 0."""

from __future__ import annotations

import re
from collections.abc import Iterable

UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")  # Label Studio puts it before uploaded names
DIGITS = re.compile(r"\d+")


def base_name(url: str) -> str:
    """``00012.png`` of ``/data/upload/3/1a2b3c4d-00012.png?x=1``."""
    name = url.split("?", 1)[0].split("#", 1)[0].replace("\\", "/").rsplit("/", 1)[-1]
    return UPLOAD_PREFIX.sub("", name)


def number_in(name: str) -> int | None:
    """The last run of digits before the ending."""
    stem = name.rsplit(".", 1)[0] if "." in name else name
    found = DIGITS.findall(stem)
    return int(found[-1]) if found and len(found[-1]) <= 9 else None


def offset_of(numbers: Iterable[int], num_frames: int) -> int:
    """What to add to the numbers to count from 0: they begin at 1, unless one says otherwise."""
    known = sorted(numbers)
    from_one = bool(known) and known[0] > 0 and (known[0] == 1 or known[-1] == num_frames)
    return -1 if from_one else 0
