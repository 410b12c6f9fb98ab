"""Steps and readings that tests of imports share."""

from __future__ import annotations

from typing import Any

from sam2_session.settings import Settings
from tests.annotating import Annotator
from tests.formats.archives import mask_png

SIZE_HW = (96, 160)
KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
BOX = {"prompts": [{"frame": 2, "box": [10, 10, 70, 50]}]}


def masks_of(*frames: int, folder: str = "instance1/masks_overall") -> dict[str, bytes]:
    return {f"{folder}/{at + 1:05d}.png": mask_png(at, SIZE_HW) for at in frames}


def listed(ada: Annotator, **key: Any) -> list[tuple[int, str]]:
    masks = ada.call("list_masks", **{**KEY, **key})["masks"]
    return [(one["frame_idx"], one["source"]) for one in masks]


def prompts(ada: Annotator, **key: Any) -> Any:
    found = ada.call("get_prompts", **{**KEY, **key})["prompts"]
    return [(one["frame_idx"], one["points"], one["box"]) for one in found]


def everything(settings: Settings, ada: Annotator) -> Any:
    """All that a client sees of a video and all files of its instances."""
    ack = ada.send("open_video", video_id="clip")
    files = sorted(
        path for path in settings.outputs_dir.glob("clip/instance*/**/*") if path.is_file()
    )
    seen = {name: ack[name] for name in ("instances", "keypoints")}
    shown = [[{**mask, "rev": 0} for mask in one["masks"]] for one in ack["masks"] if one["masks"]]
    said = [one for one in ack["prompts"] if one["prompts"]]
    return seen, said, shown, [(path.name, path.read_bytes()) for path in files]
