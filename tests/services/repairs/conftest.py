"""Two tracked objects, and the steps of a repair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sam2_session.settings import Settings
from tests.annotating import BODY, DISC, Annotator
from tests.prepared import PreparedWorkspaces

FIRST = {"video_id": "clip", "instance_id": 1, "region": "overall"}
SECOND = {"video_id": "clip", "instance_id": 2, "region": "overall"}


class Repairer:
    """Starts repairs over REST, and waits for them."""

    def __init__(self, ada: Annotator) -> None:
        self.ada = ada

    def run(self, operation: str, *frames: list[int], key: Any = FIRST, **fields: Any) -> Any:
        """Repair these spans, and return the job as it ended."""
        job_id = self.ada.call(operation, **key, frames=list(frames), **fields)["job_id"]
        return self.ada.job_ended(job_id)

    def swap(self, *frames: list[int], **fields: Any) -> Any:
        target = {"instance_id": 2, "region": "overall"}
        return self.run("move_masks", *frames, target=target, swap=True, **fields)

    def masks(self, key: Any = FIRST) -> dict[int, dict[str, Any]]:
        return {mask["frame_idx"]: mask for mask in self.ada.call("list_masks", **key)["masks"]}

    def prompted(self, key: Any = FIRST) -> list[int]:
        return [row["frame_idx"] for row in self.ada.call("get_prompts", **key)["prompts"]]

    def step(self, event: str, frame_idx: int, key: Any = FIRST) -> Any:
        return self.ada.send(event, key=key, frame_idx=frame_idx)


def track_two(ada: Annotator) -> None:
    """Track two objects on frames 0 to 7; the first has a correction on frame 5."""
    ada.call("create_instance", video_id="clip")
    ada.click(0, *BODY)
    ada.click(0, *DISC, instance_id=2)
    ada.click(5, 40.0, 30.0)
    ada.propagate(start=0, end=7)


@pytest.fixture
def repairer(prepared: PreparedWorkspaces, settings: Settings) -> Iterator[Repairer]:
    with prepared.opened(track_two, settings) as annotator:
        yield Repairer(annotator)
