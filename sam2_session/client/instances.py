"""An instance: one physical thing, with a pair for each region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sam2_session.client.jobs import Job
from sam2_session.client.pairs import Pair
from sam2_session.client.source import VideoSource
from sam2_session.core.errors import InstanceNotFound
from sam2_session.core.types import Keypoint
from sam2_session.services.operations import instances, keypoints

KEYPOINT_FIELDS = ("keypoint_id", "frame_idx", "x", "y", "name", "visible", "derived")


class Instance:
    """One physical thing of a video; ``instance["shaft"]`` is its pair of that region."""

    def __init__(self, video: VideoSource, instance_id: int) -> None:
        self.video = video
        self.instance_id = instance_id
        self._names = {"video_id": video.video_id, "instance_id": instance_id}

    def __getitem__(self, region: str) -> Pair:
        return Pair(self.video, self.instance_id, region)

    @property
    def facts(self) -> Mapping[str, Any]:
        """Its name, colour, class and whether it is hidden or locked. Raises `InstanceNotFound`."""
        answer = self.video.connection.call(instances.LIST_INSTANCES, video_id=self.video.video_id)
        rows: list[Mapping[str, Any]] = answer["instances"]
        for row in rows:
            if row["instance_id"] == self.instance_id:
                return row
        raise InstanceNotFound(self.instance_id)

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    def update(self, **changes: Any) -> Mapping[str, Any]:
        """Change `name`, `colour`, `hidden`, `locked` or `class_name`; returns all of them."""
        answer: Mapping[str, Any] = self.video.connection.call(
            instances.UPDATE_INSTANCE, **self._names, **changes
        )
        return answer

    def delete(self) -> str:
        """Move it to the trash; returns its trash_id."""
        answer = self.video.connection.call(instances.DELETE_INSTANCE, **self._names)
        return str(answer["trash_id"])

    def keypoints(self) -> list[Keypoint]:
        """Read its keypoints of all frames; positions in source pixels."""
        answer = self.video.connection.call(keypoints.LIST_KEYPOINTS, **self._names)
        rows = answer["keypoints"]
        return [
            Keypoint(**{name: row[name] for name in KEYPOINT_FIELDS if name in row}) for row in rows
        ]

    def set_keypoints(self, points: Iterable[Keypoint]) -> None:
        """Replace its keypoints by these; a `keypoint_id` of 0 gets a new number."""
        rows = []
        for point in points:
            row = point.to_wire()
            rows.append(row if point.keypoint_id else {**row, "keypoint_id": None})
        self.video.connection.call(keypoints.REPLACE_KEYPOINTS, **self._names, keypoints=rows)

    def carry_keypoints(
        self,
        names: Iterable[str] | None = None,
        *,
        start: int | None = None,
        end: int | None = None,
    ) -> Job:
        """Start to carry placed keypoints to the frames around them; returns its job.

        `names` chooses some of them. They are followed inside the masks, so propagate first. Raises
        `NothingToDo` if nothing is placed.
        """
        chosen = None if names is None else list(names)
        given = {"names": chosen, "start": start, "end": end}
        request = {name: value for name, value in given.items() if value is not None}
        answer = self.video.connection.call(keypoints.CARRY_KEYPOINTS, **self._names, **request)
        return Job.started(self.video.connection, answer)

    def __repr__(self) -> str:
        return f"<Instance {self.instance_id} of {self.video.video_id}>"
