"""Keypoints are carried along with their object, corrected, hidden, and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, settings_of

BOX = {"video_id": "clip", "instance_id": 1}
PAIR = {**BOX, "region": "overall"}
CORNER = {**BOX, "x": 60.0, "y": 12.0, "name": "corner"}  # of the red box, which moves 2 px a frame
NEAR_PX = 3.0


class Carrier:
    """Places and carries keypoints of the red box, and reads where they are."""

    def __init__(self, ada: Annotator) -> None:
        self.ada = ada

    def place(self, frame_idx: int, **changes: Any) -> int:
        point = {**CORNER, "frame_idx": frame_idx, "x": CORNER["x"] + 2 * frame_idx, **changes}
        return int(self.ada.send("add_keypoint", **point)["keypoint_id"])

    def carry(self, **fields: Any) -> Mapping[str, Any]:
        ack = self.ada.send("carry_keypoints", **BOX, **fields)
        return self.ada.job_ended(ack["job_id"])

    def settle(self) -> None:
        """Wait for what follows from corrections."""
        for job in self.ada.call("list_jobs")["jobs"]:
            self.ada.job_ended(job["job_id"])

    def rows(self) -> dict[int, Mapping[str, Any]]:
        found = self.ada.call("get_keypoints", **BOX)["keypoints"]
        return {row["frame_idx"]: row for row in found}

    def derived(self) -> list[int]:
        return [idx for idx, row in self.rows().items() if row.get("derived")]

    def undo(self, frame_idx: int, way: str = "undo") -> Any:
        key = {**BOX, "region": None}
        return self.ada.send(way, key=key, frame_idx=frame_idx, scope="keypoints")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_of(tmp_path_factory.mktemp("carrying"))


@pytest.fixture(scope="module")
def ada(settings: Settings) -> Iterator[Annotator]:
    """Track the red box over all twelve frames."""
    with annotating(settings) as annotator:
        annotator.open()
        annotator.click(0, *BODY)
        annotator.propagate()
        yield annotator


@pytest.fixture
def carrier(ada: Annotator) -> Carrier:
    """Make a carrier that has placed no keypoint yet."""
    carrier = Carrier(ada)
    carrier.settle()
    ada.call("replace_keypoints", **BOX, keypoints=[])
    return carrier


def on_disk(settings: Settings) -> dict[int, bool]:
    rows = json.loads((settings.outputs_dir / "clip/instance1/keypoints.json").read_text())
    return {row["frame_idx"]: row.get("derived", False) for row in rows["keypoints"]}


def test_a_keypoint_goes_with_its_object_both_ways(carrier: Carrier, settings: Settings) -> None:
    carrier.place(4)

    job = carrier.carry()

    rows = carrier.rows()
    assert (job["state"], job["made"], job["hidden"]) == ("done", 11, 0)
    assert carrier.derived() == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]
    off = [abs(row["x"] - 60 - 2 * idx) + abs(row["y"] - 12) for idx, row in rows.items()]
    assert max(off) < NEAR_PX
    assert on_disk(settings) == {idx: idx != 4 for idx in range(12)}


def test_only_names_and_frames_that_were_chosen_are_carried(carrier: Carrier) -> None:
    carrier.place(2)
    carrier.place(2, name="other", x=14.0)

    carrier.carry(names=["corner"], start=5, end=7)

    rows = carrier.ada.call("get_keypoints", **BOX)["keypoints"]
    assert [(row["name"], row["frame_idx"]) for row in rows if row.get("derived")] == [
        ("corner", 5),
        ("corner", 6),
        ("corner", 7),
    ]


def test_carrying_is_one_change_to_undo_and_redo(carrier: Carrier) -> None:
    carrier.place(4)
    at = carrier.carry()["undo_at"]

    undone = carrier.undo(at["frame_idx"])
    left = carrier.derived()
    carrier.undo(at["frame_idx"], "redo")

    assert (at["region"], undone["status"], left) == (None, "applied", [])
    assert len(carrier.derived()) == 11


def test_a_placed_keypoint_is_never_replaced(carrier: Carrier) -> None:
    carrier.place(0)
    moved = carrier.place(6, x=40.0, y=30.0)

    carrier.carry()

    row = carrier.rows()[6]
    assert (row["keypoint_id"], row["x"], row.get("derived")) == (moved, 40.0, None)


def test_a_correction_carries_anew_up_to_the_next_placed_one(carrier: Carrier) -> None:
    carrier.place(0)
    carrier.place(8)
    carrier.carry()
    before = carrier.rows()
    point = before[4]["keypoint_id"]

    carrier.ada.send("move_keypoint", **BOX, keypoint_id=point, x=22.0, y=14.0)
    carrier.settle()

    after = carrier.rows()
    assert after[4].get("derived") is None
    assert abs(after[5]["x"] - 24) < NEAR_PX  # goes on from the correction
    assert [after[idx] for idx in range(8, 12)] == [before[idx] for idx in range(8, 12)]


def test_undo_of_a_correction_brings_back_what_it_changed(carrier: Carrier) -> None:
    carrier.place(0)
    carrier.carry()
    before = carrier.rows()

    point = before[4]["keypoint_id"]
    carrier.ada.send("move_keypoint", **BOX, keypoint_id=point, x=22.0, y=14.0)
    carrier.settle()
    changed = carrier.rows()
    carrier.undo(4)

    assert changed != before
    assert carrier.rows() == before


def test_derived_keypoints_go_with_the_last_placed_one(carrier: Carrier) -> None:
    point = carrier.place(4)
    carrier.carry()

    carrier.ada.send("remove_keypoint", **BOX, keypoint_id=point)
    carrier.settle()

    assert carrier.rows() == {}
    carrier.undo(4)
    assert len(carrier.derived()) == 11


def test_nothing_is_carried_to_where_the_object_is_absent(carrier: Carrier) -> None:
    carrier.ada.send("mark_absent", key=PAIR, frames=[[6, 7]], absent=True)
    carrier.place(4)

    job = carrier.carry()

    derived = carrier.derived()
    carrier.ada.send("undo", key=PAIR, frame_idx=6)
    assert (job["hidden"], derived) == (2, [0, 1, 2, 3, 5, 8, 9, 10, 11])


def test_an_occluded_keypoint_is_not_carried_but_ends_what_is(carrier: Carrier) -> None:
    carrier.place(0)
    carrier.place(5, visible=False)

    carrier.carry()

    assert carrier.derived() == [1, 2, 3, 4]


def test_without_masks_it_says_what_to_do(ada: Annotator) -> None:
    other = {
        "video_id": "clip",
        "instance_id": ada.call("create_instance", video_id="clip")["instance_id"],
    }
    refused = ada.send("carry_keypoints", **other)["error"]
    ada.send("add_keypoint", **{**CORNER, **other, "frame_idx": 0})

    job = ada.job_ended(ada.send("carry_keypoints", **other)["job_id"])

    assert (refused["code"], job["state"]) == ("nothing_to_do", "failed")
    assert (job["error"]["code"], "propagate" in job["error"]["hint"]) == ("nothing_to_do", True)


def test_a_cancelled_job_leaves_nothing(carrier: Carrier) -> None:
    carrier.place(0)
    job_id = carrier.ada.send("carry_keypoints", **BOX)["job_id"]
    carrier.ada.call("cancel", job_id=job_id)

    job = carrier.ada.job_ended(job_id)

    done = 11 if job["state"] == "done" else 0  # it may have ended before
    assert len(carrier.derived()) == done


def test_a_new_keypoint_takes_the_place_of_a_derived_one(carrier: Carrier) -> None:
    carrier.place(0)
    carrier.carry(end=3)

    carrier.place(2)
    carrier.settle()

    names = [(row["frame_idx"], row["name"]) for row in carrier.rows().values()]
    assert names == [(idx, "corner") for idx in range(4)]
    assert carrier.derived() == [1, 3]
