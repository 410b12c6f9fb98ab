"""Chooses the member that a video is placed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FULL = 0.9  # share of a device's memory in use, beyond which no video is placed there
ITEMS_PER_MEMBER = 2  # one runs while the frames of the other are extracted, or it is exported
RUN_WEIGHT = 4  # a run keeps a device as busy as this many open videos


def least_loaded(members: Mapping[str, Mapping[str, Any]], placed: Mapping[str, int]) -> str:
    """Choose a member by its figures; `placed` counts videos placed there since they were read.

    One that is full is chosen only if all are. Raises ValueError without members.
    """
    return min(members, key=lambda name: (_is_full(members[name]), *_load(name, members, placed)))


def items_at_once(members: Mapping[str, Mapping[str, Any]]) -> int:
    """Return how many items of a batch keep every open member busy."""
    open_ones = sum(not figures.get("draining") for figures in members.values())
    return max(1, open_ones * ITEMS_PER_MEMBER)


def movable(members: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """Name the members whose videos should move: those that drain, or are full."""
    others = [name for name, figures in members.items() if not figures.get("draining")]
    return [
        name
        for name, figures in members.items()
        if figures.get("draining") or (_is_full(figures) and len(others) > 1)
    ]


def _load(
    name: str, members: Mapping[str, Mapping[str, Any]], placed: Mapping[str, int]
) -> tuple[float, int, str]:
    figures = members[name]
    busy = int(figures.get("jobs", 0)) * RUN_WEIGHT + int(figures.get("open_videos", 0))
    return busy + placed.get(name, 0), len(figures.get("videos", ())), name


def _is_full(figures: Mapping[str, Any]) -> bool:
    limit = int(figures.get("memory_limit_bytes", 0))
    return bool(limit) and int(figures.get("memory_bytes", 0)) > FULL * limit
