"""A propagation request: its defaults, and the fields that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.run_request import RunRequest
from sam2_session.core.types import Direction, OnGuard
from sam2_session.services.propagation.run_requests import parse_run_request

PAIR = {"instance_id": 2, "region": "shaft"}


@pytest.mark.parametrize(
    "data", [{}, {"pairs": "all", "start": None, "end": None, "direction": None, "on_guard": None}]
)
def test_nothing_said_is_every_pair_forward_over_the_whole_video(data: dict[str, Any]) -> None:
    assert parse_run_request(data) == RunRequest(
        None, None, None, Direction.FORWARD, False, OnGuard.GO_ON
    )


def test_every_field_is_read() -> None:
    data = {"pairs": [PAIR], "start": 3, "end": 9, "direction": "both", "force": True}

    assert parse_run_request({**data, "on_guard": "pause", "seq": 1}) == RunRequest(
        [(2, "shaft")], 3, 9, Direction.BOTH, True, OnGuard.PAUSE
    )


@pytest.mark.parametrize("force", [None, False, 1, "true"])
def test_only_true_forces(force: Any) -> None:
    assert not parse_run_request({"force": force}).force


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"pairs": None}, 'pairs is "all" or a list'),
        ({"pairs": []}, 'pairs is "all" or a list'),
        ({"pairs": [3]}, "A pair is"),
        ({"pairs": [{"instance_id": 0, "region": "shaft"}]}, "instance_id must be"),
        ({"pairs": [{"instance_id": 1}]}, "region must be"),
        ({"start": -1}, "start must be"),
        ({"end": 1.5}, "end must be"),
        ({"direction": "sideways"}, "direction is forward, backward or both."),
        ({"direction": ["both"]}, "direction is forward, backward or both."),
        ({"on_guard": "explode"}, "on_guard is go_on or pause."),
    ],
)
def test_a_wrong_field_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        parse_run_request(fields)
