"""Every client event with every kind of rubbish in every field: refused, and nothing changes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from sam2_session.settings import Settings
from tests.annotating import Annotator
from tests.journeys import disk

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
PLACE = {"key": KEY, "frame_idx": 0}
DOT = {"video_id": "clip", "instance_id": 1, "frame_idx": 0, "x": 1.0, "y": 1.0, "name": "tip"}
GOOD: dict[str, dict[str, Any]] = {
    "open_video": {"video_id": "clip"},
    "add_point": {**PLACE, "x": 1.0, "y": 1.0, "label": 1},
    "move_point": {**PLACE, "point_idx": 0, "x": 1.0, "y": 1.0},
    "remove_point": {**PLACE, "point_idx": 0},
    "set_box": {**PLACE, "box": [1, 1, 9, 9]},
    "set_mask": {**PLACE, "mask": b"x"},
    "clear_frame": PLACE,
    "undo": PLACE,
    "redo": PLACE,
    "add_keypoint": DOT,
    "move_keypoint": {**DOT, "keypoint_id": 1},
    "remove_keypoint": {**DOT, "keypoint_id": 1},
    "propagate": {"video_id": "clip", "pairs": [{"instance_id": 1, "region": "overall"}]},
    "cancel": {"job_id": "x"},
    "look_at": {"video_id": "clip", "frame_idx": 0},
}
RUBBISH = [
    None, True, -1, 2**63, 2**64, 1e308, float("nan"), float("inf"), "", "../../etc/passwd",
    "\x00", "\ud800", "x" * 100_000, [], [[[]]], {}, {"a": {"b": {}}}, b"\xff" * 10, [None] * 1000,
]  # fmt: skip


def cases() -> list[tuple[str, str]]:
    fields = [(event, field) for event, data in GOOD.items() for field in data]
    keyed = [event for event, data in GOOD.items() if "key" in data]
    return fields + [(event, f"key.{field}") for event, field in itertools.product(keyed, KEY)]


@pytest.fixture
def bob(ada: Annotator) -> Annotator:
    ada.click(0, 30, 30)
    return ada


def rev_of(settings: Settings) -> Any:
    return disk.rows(settings.outputs_dir / "clip", "SELECT * FROM meta")


def try_out(bob: Annotator, settings: Settings, event: str, data: Any) -> None:
    before = rev_of(settings)
    ack = bob.call("apply_op", event=event, sid="eve", data=data)
    assert ack["status"] in ("applied", "rejected", "duplicate"), (event, data)
    if ack["status"] == "rejected":
        assert ack["error"]["code"] != "internal_error", (event, data)
        assert rev_of(settings) == before, (event, data)


def test_rubbish_in_any_field_of_any_event_is_refused_and_changes_nothing(
    bob: Annotator, settings: Settings
) -> None:
    seq = itertools.count(1)
    for (event, field), value in itertools.product(cases(), RUBBISH):
        data = {"client_id": "eve", "seq": next(seq), **GOOD[event]}
        if field.startswith("key."):
            data["key"] = {**KEY, field[4:]: value}
        else:
            data[field] = value
        try_out(bob, settings, event, data)
    disk.until_whole(settings.outputs_dir / "clip")


def test_rubbish_around_the_fields_is_refused_and_changes_nothing(
    bob: Annotator, settings: Settings
) -> None:
    for event, value in itertools.product(GOOD, RUBBISH):
        for body in (value, {}, {"client_id": value, "seq": value}):
            try_out(bob, settings, event, body)
        for field in ("client_id", "seq"):
            body = {"client_id": "eve", "seq": 1, **GOOD[event], field: value}
            try_out(bob, settings, event, body)
    disk.until_whole(settings.outputs_dir / "clip")
