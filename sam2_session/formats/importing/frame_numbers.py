"""Finds the number of a frame in its file's name, among other files' names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

DIGITS = re.compile(r"\d+")
BEFORE_NUMBER = re.compile(r"([^\W\d_]*)\d+\D*$")  # the letters right before the last run of digits
MAX_DIGITS = 9


def number_in(name: str) -> int | None:
    """Read the last run of digits before the suffix; None without one."""
    stem = name.rsplit(".", 1)[0] if "." in name else name
    found = DIGITS.findall(stem)
    return int(found[-1]) if found and len(found[-1]) <= MAX_DIGITS else None


def numbers_of(stems: Iterable[str], num_frames: int) -> Mapping[str, int] | None:
    """Read a number out of each stem: the run of digits that tells all stems apart.

    Stems without a number are left out. None if no run tells them apart, or several do and mean
    different frames.
    """
    distinct = sorted(set(stems))
    if len({DIGITS.sub("#", stem) for stem in distinct}) == 1 and len(distinct) > 1:
        return _varying_run(distinct, num_frames)
    numbers = {stem: number for stem in distinct if (number := _last_run(stem)) is not None}
    letters = {found[1] for stem in numbers if (found := BEFORE_NUMBER.search(stem))}
    if len(letters) > 1:  # digits among letters, as in a hash, count nothing
        return None
    return numbers if len(set(numbers.values())) == len(numbers) else None


def offset_of(numbers: Iterable[int], num_frames: int) -> int:
    """Guess what to add to frame numbers so that they count from 0: -1 or 0.

    Numbers that start at 1, or end at `num_frames`, count from 1.
    """
    known = sorted(numbers)
    from_one = bool(known) and known[0] > 0 and (known[0] == 1 or known[-1] == num_frames)
    return -1 if from_one else 0


def _varying_run(stems: Sequence[str], num_frames: int) -> Mapping[str, int] | None:
    """Choose among the runs of digits of stems that differ only in these."""
    runs = zip(*(DIGITS.findall(stem) for stem in stems), strict=True)
    columns = [tuple(map(int, run)) for run in runs if max(map(len, run)) <= MAX_DIGITS]
    telling = [column for column in dict.fromkeys(columns) if len(set(column)) == len(stems)]
    if len(telling) > 1:  # of a frame's number and its time, only one counts frames
        telling = [column for column in telling if max(column) <= num_frames] or telling
    return dict(zip(stems, telling[0], strict=True)) if len(telling) == 1 else None


def _last_run(stem: str) -> int | None:
    found = DIGITS.findall(stem)
    return int(found[-1]) if found and len(found[-1]) <= MAX_DIGITS else None
