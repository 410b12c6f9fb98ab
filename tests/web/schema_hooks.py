"""Hooks of schemathesis: most requests are about things that are there, so that they get far."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation

FRAMES = 6
THERE = {
    "video_id": "clip",
    "instance_id": 1,
    "region": "overall",
    "batch_id": "batch",
    "item": 1,
    "run": 1,
}
# Deleting these would leave nothing for the others; the other models lie on a far server.
INSTEAD = {
    ("DELETE", "/api/videos/{video_id}"): {"video_id": "gone"},
    ("DELETE", "/api/videos/{video_id}/instances/{instance_id}"): {"instance_id": 7},
    ("DELETE", "/api/batches/{batch_id}"): {"batch_id": "gone"},
    ("DELETE", "/api/regions/{region}"): {"region": "gone"},
    ("POST", "/api/models/{name}/select"): {"name": "sam2.1_hiera_demo"},
}


@schemathesis.hook
def before_call(context: Any, case: Any, **kwargs: Any) -> None:
    """Name things that are there, unless the path itself is to be wrong."""
    if case.meta is not None and case.meta.is_negative_at(ParameterLocation.PATH):
        return
    names = case.path_parameters or {}
    found = {name: THERE[name] for name in names if name in THERE}
    if "frame_idx" in names:
        found["frame_idx"] = int(names["frame_idx"]) % FRAMES
    found |= INSTEAD.get((case.method, case.operation.path), {})
    case.path_parameters = {**names, **found}
