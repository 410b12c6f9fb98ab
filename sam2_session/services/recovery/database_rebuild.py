"""Replaces a video's damaged database by one made from its JSON files and masks."""

from __future__ import annotations

from typing import Any

from sam2_session.core.errors import NothingToDo, SessionError, StorageFailed
from sam2_session.services.imports.service import ImportService
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.foreign import set_database_aside


class DatabaseRebuild:
    """Sets a damaged database aside and imports the files beside it; nothing is deleted."""

    def __init__(self, projects: Projects, jobs: JobRegistry, imports: ImportService) -> None:
        self._projects = projects
        self._jobs = jobs
        self._imports = imports

    def rebuild(self, video_id: str) -> dict[str, Any]:
        """Return ``{video_id, set_aside, jobs}``; the files are then imported as a job.

        Approvals, history and who made a mask are only in the database, and are lost with it.
        Raises `NothingToDo` if the annotations can be opened, `Conflict` if another server has
        them open.
        """
        if not self._damage(video_id):
            raise NothingToDo(
                "The annotations of this video are whole.", hint="There is nothing to mend."
            )
        self._jobs.cancel_video(video_id)
        self._projects.close_one(video_id)
        kept = set_database_aside(self._projects.workspace, video_id)
        project = self._projects.get(video_id)
        self._imports.adopt(project)
        return {"video_id": video_id, "set_aside": kept.name, **self._jobs.list(video_id)}

    def _damage(self, video_id: str) -> SessionError | None:
        """Return why the annotations cannot be used, now or when last tried; None if they can."""
        before = self._projects.videos.damage(video_id)
        try:
            self._projects.get(video_id)
        except StorageFailed as error:
            return error
        return before
