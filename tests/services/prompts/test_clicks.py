"""Clicks, undo, redo and clear on the real network: in the answer, on disk, after a restart."""

from __future__ import annotations

import numpy as np
import pytest

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
