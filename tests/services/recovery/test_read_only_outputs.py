"""A folder of outputs on a read-only disk: everything can be looked at, and a refusal says why."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sam2_session.core.errors import ReadOnlyOutputs
from sam2_session.settings import Settings
from tests.annotating import BODY, annotating, make_moving_clip

PAIR = {"video_id": "clip", "instance_id": 1, "region": "overall"}
REFUSED = {
    "start_upload": {"name": "a.mp4"},
    "start_export": {"video_id": "clip", "format": "coco"},
    "mend_video": {"video_id": "clip"},
    "delete_video": {"video_id": "clip"},
    "create_instance": {"video_id": "clip"},
    "add_region": {"name": "shaft", "label": "Shaft"},
}


def mount(*words: str | Path) -> bool:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


@pytest.fixture
def outputs(settings: Settings) -> Iterator[Path]:
    """The outputs folder, on a disk that is mounted read-only."""
    folder = settings.outputs_dir
    if not mount("--bind", folder, folder):
        pytest.skip("only root can mount")
    try:
        assert mount("-o", "remount,ro,bind", folder)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_everything_is_shown_and_nothing_changed(settings: Settings, outputs: Path) -> None:
    make_moving_clip(settings.videos_dir / "new.mp4")
    with annotating(settings) as ada:
        videos = ada.call("list_videos")["videos"]
        assert {video["video_id"]: video["state"] for video in videos} == {
            "clip": "ready",
            "other": "ready",
        }
        assert ada.send("open_video", video_id="clip")["video"]["state"] == "ready"
        prompts = ada.call("get_prompts", **PAIR)["prompts"]
        assert [frame["frame_idx"] for frame in prompts] == [0, 3]
        assert len(ada.call("list_masks", **PAIR)["masks"]) == 12
        assert ada.call("read_mask", **PAIR, frame_idx=5)["data"].startswith(b"\x89PNG")
        assert ada.call("read_frame", video_id="clip", frame_idx=5, width=32)["data"]
        assert ada.call("list_trash")["items"] == []
        assert ada.call("list_batches")["batches"] == []

        click = {"frame_idx": 1, "x": BODY[0], "y": BODY[1], "label": 1}
        assert ada.send("add_point", **PAIR, **click)["error"]["code"] == "outputs_read_only"
        for name, fields in REFUSED.items():
            with pytest.raises(ReadOnlyOutputs):
                ada.call(name, **fields)

        assert mount("-o", "remount,rw,bind", outputs)
        assert ada.call("create_instance", video_id="clip")["instance_id"] == 2
