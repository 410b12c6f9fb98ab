"""Tells an autoscaler how many devices the load of now needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from sam2_session.cluster.placement import is_full

# The most that one device is to have: beyond it, one more device is wanted.
RUNS_EACH = 2  # one that goes, one that waits
VIEWERS_EACH = 12  # people at work: docs/scale.md
ITEMS_EACH = 8  # items of batches that are to be processed
MEMORY_EACH = 0.7  # share in use


def describe_demand(members: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Count the members, those that are full or drain, and those that are wanted."""
    figures = list(members)
    return {
        "members": len(figures),
        "members_full": sum(map(is_full, figures)),
        "members_draining": sum(bool(row.get("draining")) for row in figures),
        "members_wanted": wanted_members(figures),
    }


def wanted_members(members: Iterable[Mapping[str, Any]]) -> int:
    """Return how many members the load of all these needs, one at least."""
    figures = list(members)

    def needed(name: str, each: float) -> int:
        return ceil(sum(float(row.get(name, 0)) for row in figures) / each)

    return max(
        1,
        needed("jobs", RUNS_EACH),
        needed("viewers", VIEWERS_EACH),
        needed("items_left", ITEMS_EACH),
        needed("memory_share", MEMORY_EACH),
    )
