"""Builds small Label Studio exports for tests."""

from __future__ import annotations

from typing import Any

from sam2_session.formats.importing.plan import ImportChoices, ImportPlan, VideoFacts
from sam2_session.formats.label_studio.reader import read_label_studio

REGIONS = ("overall", "shaft", "wrist", "gripper")
CHOICES = ImportChoices(regions=REGIONS)


def facts(
    num_frames: int = 50,
    fps: float = 25.0,
    size_hw: tuple[int, int] = (90, 160),
    times_s: tuple[float, ...] = (),
) -> VideoFacts:
    times_s = times_s or tuple(idx / fps for idx in range(num_frames))
    return VideoFacts(("clip.mp4", "clip"), size_hw, num_frames, fps, times_s)


def keyframe(frame: int, *, fps: float = 25.0, **changes: Any) -> dict[str, Any]:
    box = {"x": 10.0, "y": 20.0, "width": 30.0, "height": 40.0, "rotation": 0, "enabled": True}
    return {"frame": frame, "time": frame / fps, **box, **changes}


def tracked(*sequence: dict[str, Any], frames: int = 50, **changes: Any) -> dict[str, Any]:
    value = {"framesCount": frames, "duration": frames / 25, "sequence": [*sequence]}
    result = {"id": "r1", "type": "videorectangle", "from_name": "box", "to_name": "video"}
    return {**result, "value": {**value, "labels": ["shaft"]}, **changes}


def drawn(kind: str, region_id: str = "r1", **value: Any) -> dict[str, Any]:
    labels = value.pop("labels", ["shaft"])
    outer = {name: value.pop(name) for name in (*OUTER,) if name in value}
    return {
        "id": region_id,
        "type": f"{kind}labels",
        "original_width": 160,
        "original_height": 90,
        "image_rotation": 0,
        "value": {**value, f"{kind}labels": labels},
        **outer,
    }


OUTER = ("is_positive", "image_rotation", "item_index", "original_width", "original_height", "meta")


def task(*results: dict[str, Any], task_id: int = 1, **data: Any) -> dict[str, Any]:
    annotation = {"id": task_id * 10, "result": [*results], "was_cancelled": False}
    return {"id": task_id, "data": data or {"video": "clip.mp4"}, "annotations": [annotation]}


def image_task(*results: dict[str, Any], image: str = "00001.png", task_id: int = 1) -> Any:
    return task(*results, task_id=task_id, image=image)


def annotated(by: int, updated_at: str, *results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": by, "completed_by": by, "updated_at": updated_at, "result": [*results], **more}


def plan_of(*tasks: dict[str, Any], video: VideoFacts | None = None, **choices: Any) -> ImportPlan:
    made = ImportChoices(**{"regions": REGIONS, **choices})
    return read_label_studio([*tasks], video or facts(), made)


def found(plan: ImportPlan) -> list[tuple[str, int, str]]:
    """List (subject, frame_idx, kind) of every item."""
    return [(item.subject, item.frame_idx, item.kind) for item in plan.items]


def remarks(plan: ImportPlan, outcome: str) -> list[str]:
    return [note.why for note in plan.notes if note.outcome == outcome]
