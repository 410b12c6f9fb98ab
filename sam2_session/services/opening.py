"""Everything a client must know of a video it opens, in one answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sam2_session.services.parts import Parts
from sam2_session.services.projects.project import Project
from sam2_session.services.requests import require_text
from sam2_session.storage.history_rows import all_depths
from sam2_session.storage.instance_rows import list_instances
from sam2_session.storage.keypoint_rows import list_keypoints
from sam2_session.storage.op_rows import current_rev, last_seq


class OpeningService:
    """Opens a video for a client."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def open(self, sid: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """The video's facts and annotations; also catches up on what a crash left behind."""
        video_id = require_text(data, "video_id")
        client_id = require_text(data, "client_id", most=100)
        video = self._parts.projects.videos.open(video_id)
        project = self._parts.projects.get(video_id)
        self._parts.predictions.catch_up(project)
        self._parts.runs.resume(project)
        self._parts.imports.adopt(project)
        self._parts.presence.enter(sid, client_id, video_id)
        rev, last, history = project.db.read(
            lambda tx: (current_rev(tx), last_seq(tx, client_id), all_depths(tx))
        )
        return {
            "rev": rev,
            "video": video,
            "regions": [region.to_wire() for region in self._parts.projects.regions],
            **self._annotations(project),
            "history": history,
            "jobs": self._parts.jobs.list(video_id)["jobs"],
            "last_seq": last,
            "model": self._parts.models.current,
        }

    def video(self, video_id: str) -> dict[str, Any]:
        """A video with its instances, for REST."""
        project = self._parts.projects.get(video_id)
        instances = [one.to_wire() for one in project.db.read(list_instances)]
        return {**self._parts.projects.videos.to_wire(video_id), "instances": instances}

    def _annotations(self, project: Project) -> dict[str, Any]:
        instances = project.db.read(list_instances)
        prompts, masks = [], []
        for key in project.pairs():
            pair = {"instance_id": key.instance_id, "region": key.region}
            prompts.append({**pair, **self._parts.prompts.list(key)})
            masks.append({**pair, **self._parts.masks.list(key)})
        keypoints = [_keypoints_of(project, one.instance_id) for one in instances]
        return {
            "instances": [one.to_wire() for one in instances],
            "prompts": prompts,
            "masks": masks,
            "keypoints": keypoints,
        }


def _keypoints_of(project: Project, instance_id: int) -> dict[str, Any]:
    rows = project.db.read(lambda tx: list_keypoints(tx, instance_id))
    return {"instance_id": instance_id, "keypoints": [row.to_wire() for row in rows]}
