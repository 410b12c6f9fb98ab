"""Chooses the member that a video is placed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sam2_session.core.errors import ServerBusy

FULL = 0.9  # share of the memory in use, beyond which no video is placed on a device
AIRY = 0.7  # share below which a device takes what a full one gives away
ITEMS_PER_MEMBER = 2  # one runs while the frames of the other are extracted, or it is exported
RUN_WEIGHT = 4  # a run keeps a device as busy as this many people


def least_loaded(members: Mapping[str, Mapping[str, Any]], placed: Mapping[str, int]) -> str:
    """Choose a member by its figures; `placed` counts videos placed there since they were read.

    One that is full is chosen only if all are. Raises ValueError without members.
    """
    return min(members, key=lambda name: (is_full(members[name]), *_load(name, members, placed)))


def items_at_once(members: Mapping[str, Mapping[str, Any]]) -> int:
    """Return how many items of a batch keep every open member busy."""
    open_ones = sum(not figures.get("draining") for figures in members.values())
    return max(1, open_ones * ITEMS_PER_MEMBER)


def movable(members: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """Name the members whose videos should move: those that drain, or are full beside an airy one.

    Between two that are nearly full, videos would go to and fro.
    """
    has_space = any(
        not figures.get("draining") and float(figures.get("memory_share", 0)) < AIRY
        for figures in members.values()
    )
    return [
        name
        for name, figures in members.items()
        if figures.get("draining") or (is_full(figures) and has_space)
    ]


def require_space(members: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise `ServerBusy` if every member that takes videos is full."""
    open_ones = [figures for figures in members.values() if not figures.get("draining")]
    if open_ones and all(is_full(figures) for figures in open_ones):
        raise ServerBusy(
            f"All devices are full: {len(open_ones)} of {len(open_ones)} use more than"
            f" {FULL * 100:.0f} % of their memory.",
            hint="Try again when somebody has closed a video, or have a node added.",
        )


def is_full(figures: Mapping[str, Any]) -> bool:
    """Return whether a member's memory is full, as it measured it."""
    return float(figures.get("memory_share", 0)) > FULL


def _load(
    name: str, members: Mapping[str, Mapping[str, Any]], placed: Mapping[str, int]
) -> tuple[float, int, str]:
    figures = members[name]
    busy = int(figures.get("jobs", 0)) * RUN_WEIGHT + int(figures.get("viewers", 0))
    return busy + placed.get(name, 0), len(figures.get("videos", ())), name
