"""Reads all annotations of a video at once, for a page that opens it."""

from __future__ import annotations

from typing import Any

from sam2_session.services.masks.masks import MaskService
from sam2_session.services.projects.class_book import ClassBook
from sam2_session.services.projects.project import Project, Projects
from sam2_session.services.prompts.prompts import PromptService
from sam2_session.storage.history_rows import all_depths
from sam2_session.storage.instance_rows import list_instances
from sam2_session.storage.keypoint_rows import list_keypoints
from sam2_session.storage.op_rows import current_rev, last_seq


class VideoSnapshot:
    """Collects instances, prompts, masks, keypoints and history of one video."""

    def __init__(
        self, projects: Projects, classes: ClassBook, prompts: PromptService, masks: MaskService
    ) -> None:
        self._projects = projects
        self._classes = classes
        self._prompts = prompts
        self._masks = masks

    def read(self, video_id: str, client_id: str) -> dict[str, Any]:
        """Read all annotations; `last_seq` is the newest stored command of this client."""
        project = self._projects.get(video_id)
        rev, last, history = project.db.read(
            lambda tx: (current_rev(tx), last_seq(tx, client_id), all_depths(tx))
        )
        prompts, masks = [], []
        for key in project.pairs():
            pair = {"instance_id": key.instance_id, "region": key.region}
            prompts.append({**pair, **self._prompts.list(key)})
            masks.append({**pair, **self._masks.list(key)})
        instances = self.instances(video_id)
        return {
            "rev": rev,
            "regions": [region.to_wire() for region in self._projects.regions],
            **self._classes.list(),
            "instances": instances,
            "prompts": prompts,
            "masks": masks,
            "keypoints": [_keypoints_of(project, row["instance_id"]) for row in instances],
            "history": history,
            "last_seq": last,
        }

    def instances(self, video_id: str) -> list[dict[str, Any]]:
        """List the instances that are not deleted."""
        rows = self._projects.get(video_id).db.read(list_instances)
        return [instance.to_wire() for instance in rows]


def _keypoints_of(project: Project, instance_id: int) -> dict[str, Any]:
    rows = project.db.read(lambda tx: list_keypoints(tx, instance_id))
    return {"instance_id": instance_id, "keypoints": [row.to_wire() for row in rows]}
