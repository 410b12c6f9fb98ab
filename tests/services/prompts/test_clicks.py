"""Clicks, undo, redo and clear on the real network: in the answer, on disk, after a restart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sam2_session.core.errors import SessionError
from sam2_session.settings import Settings
from tests.annotating import (
    BODY,
    SIZE,
    Annotator,
    annotating,
    mask_array,
    mask_bytes,
    points_json,
    settings_of,
)

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


def test_a_click_brings_a_mask_of_the_object(ada: Annotator, settings: Settings) -> None:
    ack = ada.click(0, *BODY)

    mask = mask_array(settings, 0)
    assert ack["status"] == "applied"
    assert mask.shape == (SIZE[1], SIZE[0])
    assert set(np.unique(mask)) == {0, 255}
    assert mask[30, 30] == 255
    assert mask[90, 5] == 0
    assert ada.of("mask")[0]["png"].startswith(b"\x89PNG")


def test_undo_and_redo_restore_the_mask_bit_for_bit(ada: Annotator, settings: Settings) -> None:
    states = [mask_bytes(settings, 0)]
    for point in [(30, 30, 1), (50, 40, 1), (15, 15, 0)]:
        ada.click(0, *point)
        states.append(mask_bytes(settings, 0))
    assert len(set(states)) == 4

    for count in (2, 1, 0):
        assert ada.act("undo", 0)["status"] == "applied"
        assert mask_bytes(settings, 0) == states[count]
    for count in (1, 2, 3):
        assert ada.act("redo", 0)["status"] == "applied"
        assert mask_bytes(settings, 0) == states[count]


def test_clicks_added_at_once_are_those_added_one_by_one(
    ada: Annotator, settings: Settings
) -> None:
    clicks = [{"x": 30.0, "y": 30.0, "label": 1}, {"x": 15.0, "y": 15.0, "label": 0}]
    for click in clicks:
        ada.click(0, **click)
    one_by_one = mask_bytes(settings, 0), points_json(settings)["frames"][0]["points"]
    ada.act("clear_frame", 0)

    answer = ada.call("add_points", **KEY, frame_idx=0, points=clicks)

    assert answer["mask"]["rev"] == answer["rev"]
    assert (mask_bytes(settings, 0), points_json(settings)["frames"][0]["points"]) == one_by_one


def test_clicks_added_at_once_follow_those_that_are_there_and_go_with_one_undo(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    before = mask_bytes(settings, 0)

    ada.call("add_points", **KEY, frame_idx=0, points=[{"x": 50, "y": 40, "label": 1}])
    together = [point["x"] for point in points_json(settings)["frames"][0]["points"]]
    ada.act("undo", 0)

    assert together == [30.0, 50.0]
    assert mask_bytes(settings, 0) == before


@pytest.mark.parametrize(
    ("points", "base_rev", "code"),
    [
        ([], None, "invalid_prompt"),
        ([{"x": 400, "y": 1, "label": 1}], None, "invalid_prompt"),
        ([{"x": 1, "y": 1, "label": 1}], 0, "conflict"),
    ],
)
def test_clicks_that_cannot_be_added_change_nothing(
    ada: Annotator, settings: Settings, points: list[Any], base_rev: int | None, code: str
) -> None:
    ada.click(0, *BODY)
    before = points_json(settings)

    with pytest.raises(SessionError) as refused:
        ada.call("add_points", **KEY, frame_idx=0, points=points, base_rev=base_rev)

    assert refused.value.code == code
    assert points_json(settings) == before


def test_clear_removes_prompts_and_mask_and_can_be_undone(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    before = mask_bytes(settings, 0)

    ada.act("clear_frame", 0)
    cleared = mask_bytes(settings, 0), points_json(settings)["frames"]
    ada.act("undo", 0)

    assert cleared == (b"", [])
    assert mask_bytes(settings, 0) == before
    assert [p["x"] for p in points_json(settings)["frames"][0]["points"]] == [30.0]


def test_a_repeated_command_is_applied_once(ada: Annotator, settings: Settings) -> None:
    first = ada.click(0, *BODY)

    again = ada.send(
        "add_point",
        seq=first["seq"],
        key={"video_id": "clip", "instance_id": 1, "region": "overall"},
        frame_idx=0,
        x=30,
        y=30,
        label=1,
    )

    assert (again["status"], again["rev"]) == ("duplicate", first["rev"])
    assert len(points_json(settings)["frames"][0]["points"]) == 1


def test_pairs_keep_their_own_prompts(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    body = mask_bytes(settings, 0)

    ada.click(0, 130, 70, region="wrist")
    ada.click(0, 12, 90, 0, region="wrist")

    assert mask_bytes(settings, 0) == body
    assert mask_bytes(settings, 0, region="wrist") != body
    ada.click(0, 50, 40)
    assert len(points_json(settings)["frames"][0]["points"]) == 2


def test_everything_is_there_after_a_restart(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        one = mask_bytes(settings, 0)
        ada.click(0, 50, 40)
        ada.act("undo", 0)
    with annotating(settings, first_seq=100) as ada:
        ack = ada.open()
        assert [len(p["prompts"][0]["points"]) for p in ack["prompts"]] == [1]
        assert (ack["history"][0]["undo"], ack["history"][0]["redo"]) == (1, 1)
        assert mask_bytes(settings, 0) == one
        ada.click(0, 15, 15, 0)
        continued = mask_bytes(settings, 0)
    with annotating(settings_of(settings.outputs_dir / "fresh")) as ada:
        ada.open()
        ada.click(0, *BODY)
        ada.click(0, 15, 15, 0)
        assert mask_bytes(settings_of(settings.outputs_dir / "fresh"), 0) == continued


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"x": float("nan"), "y": 1, "label": 1}, "invalid_prompt"),
        ({"x": 1e9, "y": 1, "label": 1}, "invalid_prompt"),
        ({"x": 1, "y": 1, "label": 2}, "invalid_prompt"),
        ({"x": "1", "y": 1, "label": 1}, "invalid_prompt"),
        ({"y": 1, "label": True}, "invalid_prompt"),
    ],
)
def test_a_bad_click_is_refused_by_name(ada: Annotator, data: dict[str, object], code: str) -> None:
    key = {"video_id": "clip", "instance_id": 1, "region": "overall"}

    ack = ada.send("add_point", key=key, frame_idx=0, **data)

    assert (ack["status"], ack["error"]["code"]) == ("rejected", code)


def test_a_frame_beyond_the_end_or_an_unknown_key_is_refused(ada: Annotator) -> None:
    def code(**changes: object) -> str:
        key = {"video_id": "clip", "instance_id": 1, "region": "overall"}
        data = {
            "key": {**key, **changes.pop("key", {})},
            "frame_idx": 0,
            "x": 1,
            "y": 1,
            "label": 1,
        }
        return str(ada.send("add_point", **{**data, **changes})["error"]["code"])

    assert code(frame_idx=99) == "frame_not_found"
    assert code(key={"instance_id": 7}) == "instance_not_found"
    assert code(key={"region": "../x"}) == "region_not_found"
    assert code(key={"video_id": "../x"}) == "video_not_found"
