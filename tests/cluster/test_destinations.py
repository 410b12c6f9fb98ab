"""Each call goes to the member that it is for; what may be sent twice is known."""

from __future__ import annotations

from typing import Any

import pytest

from sam2_session.cluster.destinations import About, Destination, destination_of, video_of
from sam2_session.services.operations.table import OPERATIONS

POINT = {"client_id": "ada", "seq": 1, "frame_idx": 0, "x": 1.0, "y": 1.0, "label": 1}
KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


def event(name: str, **data: Any) -> Destination:
    return destination_of("apply_op", {"event": name, "sid": "s", "data": data})


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (event("add_point", key=KEY, **POINT), Destination(About.VIDEO, "clip", True)),
        (event("open_video", video_id="clip"), Destination(About.VIDEO, "clip", True)),
        (event("close_video", video_id="clip"), Destination(About.CLIENT, "s", True)),
        (event("cancel", job_id="j"), Destination(About.JOB, "j")),
        (event("no_such_event"), Destination(About.HOME)),
        (destination_of("add_points", KEY), Destination(About.VIDEO, "clip")),
        (destination_of("get_job", {"job_id": "j"}), Destination(About.JOB, "j", True)),
        (destination_of("list_regions", {}), Destination(About.HOME, "", True)),
        (destination_of("create_batch", {"name": "b"}), Destination(About.HOME)),
    ],
)
def test_a_call_has_a_destination(found: Destination, wanted: Destination) -> None:
    assert found == wanted


def test_a_conditional_call_goes_where_its_operation_goes() -> None:
    call = {"operation": "add_points", "params": {"video_id": "clip"}, "tags": ["1"]}

    assert video_of("call_if_match", call) == "clip"


def test_every_operation_on_a_video_goes_to_that_video() -> None:
    lost = [
        operation.name
        for operation in OPERATIONS
        if operation.name not in ("create_batch", "close_video")
        and "video_id" in operation.field_names
        and video_of(operation.name, {"video_id": "clip"}) != "clip"
    ]

    assert lost == []
