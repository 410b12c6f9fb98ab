"""Videos of one frame, models that are not there, frames and masks lost from outside."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.errors import SessionError
from sam2_session.services.build import build_services
from sam2_session.settings import Settings
from tests.annotating import (
    BODY,
    SIZE,
    Annotator,
    annotating,
    make_moving_clip,
    mask_bytes,
    settings_of,
)
from tests.clips import make_clip

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
HUGE = 2**64


def test_without_a_model_clicks_are_kept_and_answered_once_there_is_one(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, checkpoints_dir=tmp_path / "checkpoints")
    settings.checkpoints_dir.mkdir()
    settings.videos_dir.mkdir()
    make_moving_clip(settings.videos_dir / "clip.mp4")
    services = build_services(settings)
    ada = Annotator(services)
    try:
        ada.send("open_video", video_id="clip")
        ada.until(lambda: ada.call("get_video", video_id="clip")["state"] == "ready")
        ada.until(lambda: model(ada)["state"] == "failed")
        ack = ada.send("add_point", key=KEY, frame_idx=0, x=30, y=30, label=1)
        ada.until(lambda: [m for m in ada.of("mask") if m["seq"] == ack["seq"]])
        told = ada.of("mask")[0]
        shutil.copy(settings_of(tmp_path).checkpoints_dir / f"{MODEL}.pt", settings.checkpoints_dir)
        ada.call("select_model", name=MODEL)
        ada.until(lambda: mask_bytes(settings, 0))
    finally:
        services.close()

    assert ack["status"] == "applied"
    assert (told["state"], told["error"]["code"]) == ("failed", "model_unavailable")


MODEL = "sam2.1_hiera_demo"


def model(ada: Annotator) -> dict[str, Any]:
    (row,) = [row for row in ada.call("list_models")["models"] if row["name"] == MODEL]
    return dict(row)


def test_a_video_of_one_frame_can_be_annotated(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    settings.videos_dir.mkdir()
    make_moving_clip(settings.videos_dir / "clip.mp4", 1)
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        job = ada.propagate(direction="both")

    assert (job["state"], job["done"]) == ("done", job["total"])
    assert mask_bytes(settings, 0)


@pytest.mark.parametrize("damage", [None, b"", b"not a png"])
def test_a_mask_file_lost_from_outside_is_no_mask(
    ada: Annotator, settings: Settings, damage: bytes | None
) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    path = settings.outputs_dir / "clip/instance1/masks_overall/00006.png"
    path.unlink() if damage is None else path.write_bytes(damage)

    assert ada.click(5, 50, 30)["status"] == "applied"
    assert mask_bytes(settings, 5).startswith(b"\x89PNG")
    assert ada.act("undo", 5)["status"] == "applied"
    assert not path.exists()


def test_a_frame_lost_from_outside_is_made_anew(ada: Annotator, settings: Settings) -> None:
    lost = settings.outputs_dir / "clip/frames/00006.jpg"
    before = lost.read_bytes()
    lost.unlink()

    ack = ada.send("add_point", key=KEY, frame_idx=5, x=1, y=1, label=1)
    ada.until(lambda: [m for m in ada.of("mask") if m["seq"] == ack["seq"]])

    assert ack["status"] == "applied"
    assert ada.of("mask")[0]["state"] == "drawn"
    assert lost.read_bytes() == before


def test_another_video_under_a_deleted_ones_name_is_seen_as_itself(
    ada: Annotator, settings: Settings, tmp_path: Path
) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    ada.call("delete_video", video_id="clip")
    other = settings_of(tmp_path / "other")
    other.videos_dir.mkdir(parents=True)
    for one in (settings, other):
        make_clip(one.videos_dir / "clip.mp4", frames=5, size=SIZE)
    (listed,) = ada.call("list_videos")["videos"]
    assert set(listed["counts"].values()) == {0}
    ada.open()
    ada.call("replace_prompts", **KEY, frame_idx=0, points=[POINT], box=None)

    with annotating(other) as bob:
        bob.open()
        bob.call("replace_prompts", **KEY, frame_idx=0, points=[POINT], box=None)
    assert mask_bytes(settings, 0) == mask_bytes(other, 0)


POINT = {"x": SIZE[0] - 30.0, "y": 30.0, "label": 1}


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("read_mask", {**KEY, "frame_idx": HUGE}),
        (
            "update_instance",
            {"video_id": "clip", "instance_id": HUGE, "changes": {"deleted": False}},
        ),
        (
            "replace_keypoints",
            {"video_id": "clip", "instance_id": 1, "keypoints": [], "base_rev": "x"},
        ),
        ("replace_prompts", {**KEY, "frame_idx": 0, "points": [POINT], "base_rev": "x"}),
        ("select_model", {"name": ["x"]}),
        ("start_upload", {"name": 3}),
        ("undo", {"video_id": "clip", "instance_id": HUGE, "frame_idx": 0, "scope": "keypoints"}),
        ("propagate", {"video_id": "clip", "pairs": [{"instance_id": HUGE, "region": "overall"}]}),
    ],
)
def test_nonsense_is_refused_by_name(
    ada: Annotator, operation: str, params: dict[str, Any]
) -> None:
    if operation.startswith("replace"):
        ada.click(0, *BODY)
    with pytest.raises(SessionError):
        ada.call(operation, **params)


@pytest.mark.parametrize("frames", [(0, 0), (0, 1)])
def test_a_list_that_names_a_keypoint_twice_is_refused(
    ada: Annotator, frames: tuple[int, int]
) -> None:
    rows = [{"keypoint_id": 1, "frame_idx": idx, "x": 1, "y": 1, "name": "a"} for idx in frames]

    with pytest.raises(SessionError):
        ada.call("replace_keypoints", video_id="clip", instance_id=1, keypoints=rows)

    assert ada.call("get_keypoints", video_id="clip", instance_id=1)["keypoints"] == []


def test_a_keypoint_moves_to_another_frame_and_an_undo_never_doubles_it(ada: Annotator) -> None:
    def put(frame_idx: int) -> Any:
        row = {"keypoint_id": 1, "frame_idx": frame_idx, "x": 1, "y": 1, "name": "a"}
        answer = ada.call("replace_keypoints", video_id="clip", instance_id=1, keypoints=[row])
        return [one["frame_idx"] for one in answer["keypoints"]]

    assert (put(3), put(0)) == ([3], [0])
    key = {"video_id": "clip", "instance_id": 1, "region": None}

    assert ada.send("undo", key=key, frame_idx=3, scope="keypoints")["error"]["code"] == "conflict"
    assert ada.send("undo", key=key, frame_idx=0, scope="keypoints")["status"] == "applied"
    assert ada.send("undo", key=key, frame_idx=3, scope="keypoints")["status"] == "applied"
