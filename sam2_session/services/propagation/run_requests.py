"""Reads a propagation request from raw JSON fields."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.run_request import RunRequest
from sam2_session.core.types import Direction, OnGuard
from sam2_session.services.requests import optional_int, require_int, require_text

T = TypeVar("T", bound=StrEnum)


def parse_run_request(data: Mapping[str, Any]) -> RunRequest:
    """Check ``{pairs, start, end, direction, force, on_guard}``. Raises `InvalidRequest`."""
    return RunRequest(
        pairs=_pairs(data.get("pairs", "all")),
        start=optional_int(data, "start"),
        end=optional_int(data, "end"),
        direction=_one_of(
            Direction, data.get("direction"), "direction is forward, backward or both."
        ),
        force=data.get("force") is True,
        on_guard=_one_of(OnGuard, data.get("on_guard"), "on_guard is go_on or pause."),
    )


def _pairs(data: Any) -> list[tuple[int, str]] | None:
    if data == "all":
        return None
    if not isinstance(data, list) or not data:
        raise InvalidRequest('pairs is "all" or a list of {instance_id, region}.')
    pairs = []
    for pair in data:
        if not isinstance(pair, Mapping):
            raise InvalidRequest("A pair is {instance_id, region}.")
        pairs.append((require_int(pair, "instance_id", least=1), require_text(pair, "region")))
    return pairs


def _one_of(kind: type[T], value: Any, message: str) -> T:
    """The member of this value; the first one when nothing is said."""
    try:
        return kind(value or next(iter(kind)))
    except ValueError:
        raise InvalidRequest(message) from None
