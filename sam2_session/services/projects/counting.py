"""How much of each video is annotated, for the list of videos."""

from __future__ import annotations

from typing import Any

from sam2_session.core.errors import SessionError
from sam2_session.services.projects.project import Project, Projects
from sam2_session.storage.instance_rows import list_instances

LIVING = "JOIN instances USING (instance_id) WHERE NOT deleted"
NONE = {"instances": 0, "prompted_frames": 0, "masks": 0}


class Counter:
    """Counts open projects anew, and remembers the others' counts from when they were open."""

    def __init__(self, projects: Projects) -> None:
        self._projects = projects
        self._known: dict[str, dict[str, Any]] = {}

    def __call__(self, video_id: str) -> dict[str, Any]:
        """``{instances, prompted_frames, masks}``."""
        project = self._projects.peek(video_id)
        if project is None:
            return self._known.get(video_id, NONE)
        try:
            return self.count(project)
        except SessionError:  # being closed at this moment
            return self._known.get(video_id, NONE)

    def count(self, project: Project) -> dict[str, Any]:
        """Count a project now."""
        instances = project.db.read(list_instances)
        frames, masks = project.db.read(
            lambda tx: tx.execute(
                f"SELECT (SELECT count(*) FROM frames {LIVING} AND prompted),"
                f" (SELECT count(*) FROM masks {LIVING})"
            ).fetchone()
        )
        counts = {"instances": len(instances), "prompted_frames": frames, "masks": masks}
        self._known[project.video_id] = counts
        return counts
