"""Keypoints: named, moved, taken back, and safe from a command that comes twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sam2_session.core.errors import SessionError
from sam2_session.settings import Settings
from tests.annotating import Annotator

TIP = {"video_id": "clip", "instance_id": 1, "frame_idx": 0, "x": 20.5, "y": 30, "name": "tip"}


def on_disk(settings: Settings, instance_id: int = 1) -> list[tuple[Any, ...]]:
    path = settings.outputs_dir / f"clip/instance{instance_id}/keypoints.json"
    rows = json.loads(path.read_text())["keypoints"]
    return [(row["name"], row["x"], row["y"], row["file"]) for row in rows]


def undo(ada: Annotator, kind: str = "undo") -> Any:
    key = {"video_id": "clip", "instance_id": 1, "region": None}
    return ada.send(kind, key=key, frame_idx=0, scope="keypoints")


def test_a_keypoint_is_added_moved_renamed_and_taken_back(
    ada: Annotator, settings: Settings
) -> None:
    place = {"video_id": "clip", "instance_id": 1}
    keypoint_id = ada.send("add_keypoint", **TIP)["keypoint_id"]
    ada.send("move_keypoint", **place, keypoint_id=keypoint_id, x=25, y=35)
    ada.send("move_keypoint", **place, keypoint_id=keypoint_id, name="tip_left")
    assert on_disk(settings) == [("tip_left", 25.0, 35.0, "00001")]

    assert [undo(ada)["status"] for _ in range(2)] == ["applied", "applied"]
    assert on_disk(settings) == [("tip", 20.5, 30.0, "00001")]
    undo(ada, "redo")
    assert on_disk(settings) == [("tip", 25.0, 35.0, "00001")]


def test_a_repeated_removal_is_a_duplicate(ada: Annotator, settings: Settings) -> None:
    keypoint_id = ada.send("add_keypoint", **TIP)["keypoint_id"]
    removal = {"video_id": "clip", "instance_id": 1, "keypoint_id": keypoint_id}

    first = ada.send("remove_keypoint", **removal)
    again = ada.send("remove_keypoint", seq=first["seq"], **removal)

    assert (first["status"], again["status"]) == ("applied", "duplicate")
    assert on_disk(settings) == []


def test_an_id_of_another_instance_is_a_conflict(ada: Annotator) -> None:
    ada.call("create_instance", video_id="clip")
    keypoint_id = ada.send("add_keypoint", **TIP)["keypoint_id"]

    ack = ada.send("add_keypoint", **{**TIP, "instance_id": 2, "keypoint_id": keypoint_id})

    assert ack["error"]["code"] == "conflict"


def test_a_bad_row_changes_nothing(ada: Annotator, settings: Settings) -> None:
    ada.send("add_keypoint", **TIP)
    rows = [{**TIP, "x": 1}, {**TIP, "frame_idx": 3, "name": ""}]

    with pytest.raises(SessionError):
        ada.call("replace_keypoints", video_id="clip", instance_id=1, keypoints=rows)

    assert on_disk(settings) == [("tip", 20.5, 30.0, "00001")]


def test_a_whole_list_can_be_put(ada: Annotator, settings: Settings) -> None:
    ada.send("add_keypoint", **TIP)
    rows = [{**TIP, "frame_idx": 2, "name": "a"}, {**TIP, "frame_idx": 5, "name": "b"}]

    ada.call("replace_keypoints", video_id="clip", instance_id=1, keypoints=rows)

    assert [row[0::3] for row in on_disk(settings)] == [("a", "00003"), ("b", "00006")]


def test_a_locked_instance_refuses_changes(ada: Annotator) -> None:
    ada.call("update_instance", video_id="clip", instance_id=1, locked=True)

    ack = ada.send("add_keypoint", **TIP)

    assert (ack["status"], ack["error"]["code"]) == ("rejected", "conflict")
