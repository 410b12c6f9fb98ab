"""Builds points_<region>.json and keypoints.json, which other programs read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sam2_session.core.frame_files import file_number
from sam2_session.core.types import FramePrompt, Instance, Keypoint

SCHEMA_VERSION = 1


def points_document(
    video: dict[str, Any],
    instance: Instance,
    region: str,
    prompts: Iterable[tuple[int, FramePrompt]],
) -> dict[str, Any]:
    """Build points_<region>.json: points in click order and a box per frame, in source pixels."""
    frames = [{**_frame(frame_idx), **prompt.to_wire()} for frame_idx, prompt in prompts]
    return {**_head(video, instance), "region": region, "frames": frames}


def keypoints_document(
    video: dict[str, Any], instance: Instance, keypoints: Iterable[Keypoint]
) -> dict[str, Any]:
    """Build keypoints.json of one instance, in source pixels."""
    rows = [{**keypoint.to_wire(), **_frame(keypoint.frame_idx)} for keypoint in keypoints]
    return {**_head(video, instance), "keypoints": rows}


def _head(video: dict[str, Any], instance: Instance) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        **video,
        "instance_id": instance.instance_id,
        "instance_name": instance.name,
        **({"class_name": instance.class_name} if instance.class_name else {}),
    }


def _frame(frame_idx: int) -> dict[str, Any]:
    return {"frame_idx": frame_idx, "file": file_number(frame_idx)}
