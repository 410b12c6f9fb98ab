"""Tells whether two jobs make the same masks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sam2_session.core.types import MemoryMode, OnApproved, RunMode
from sam2_session.services.propagation.stretches import OWN_RECORD


def is_same_run(params: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two jobs make the same masks, regardless of client and behaviour at a flag."""
    older = {"approved": OnApproved.KEEP, "mode": RunMode.FULL, "memory": MemoryMode.PLAIN}
    ignored = {"on_guard": None, "client_id": None, "from_frame": None}  # `first` of each pair says
    ignored |= dict.fromkeys((*OWN_RECORD, "reach"))
    return {**older, **params, **ignored} == {**older, **other, **ignored}


def serves(params: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Tell if a job makes every wanted mask; a run that replaces approved masks makes more."""
    replacing = {**wanted, "approved": OnApproved.REPLACE}
    return is_same_run(params, wanted) or is_same_run(params, replacing)
