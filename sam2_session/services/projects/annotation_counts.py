"""Counts of each video's annotations, for the list of videos."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sam2_session.core.errors import SessionError
from sam2_session.storage.annotation_counts import count_annotations
from sam2_session.storage.database import Database
from sam2_session.storage.progress_facts import ProgressFacts, read_progress
from sam2_session.storage.shared_databases import SharedDatabases
from sam2_session.storage.workspace import DATABASE_NAME, Workspace

NO_PROGRESS = ProgressFacts()
NONE = {"instances": 0, "prompted_frames": 0, "masks": 0}


class AnnotationCounts:
    """Counts open videos anew, and remembers a closed one's counts from when it was open.

    `Projects` tells it which are open; it opens none itself, so that listing videos stays cheap.
    In a cluster it reads those that another process may have open, when their files changed.
    """

    def __init__(self, workspace: Workspace | None = None) -> None:
        is_shared = workspace is not None and workspace.leases is not None
        self._workspace = workspace
        self._shared = SharedDatabases(workspace) if workspace and is_shared else None
        self._databases: dict[str, Database] = {}
        self._last: dict[str, dict[str, Any]] = {}
        self._progress: dict[str, ProgressFacts] = {}

    def add(self, video_id: str, db: Database) -> None:
        """Count from this database from now on."""
        self._databases[video_id] = db

    def remove(self, video_id: str, db: Database) -> None:
        """Count for the last time from a database that is being closed."""
        if self._databases.get(video_id) is db:
            self.of(video_id)
            self.progress(video_id)
            del self._databases[video_id]

    def of(self, video_id: str) -> dict[str, Any]:
        """Return ``{instances, prompted_frames, masks}`` of a video; zeros if it was never open."""
        db = self._databases.get(video_id)
        if db is not None:
            with suppress(SessionError):  # being closed at this moment
                self._last[video_id] = db.read(count_annotations)
        elif self._shared is not None:
            return self._shared.read(video_id, count_annotations) or NONE
        known = self._last.get(video_id)
        return known if known and self._is_annotated(video_id) else NONE

    def progress(self, video_id: str) -> ProgressFacts:
        """Return how far a video is; all zeros if it was never open."""
        db = self._databases.get(video_id)
        if db is not None:
            with suppress(SessionError):  # being closed at this moment
                self._progress[video_id] = db.read(read_progress)
        elif self._shared is not None:
            return self._shared.read(video_id, read_progress) or NO_PROGRESS
        known = self._progress.get(video_id)
        return known if known and self._is_annotated(video_id) else NO_PROGRESS

    def _is_annotated(self, video_id: str) -> bool:
        """Return whether the database that was counted is there: another video may have its id."""
        if self._workspace is None:
            return True
        return (self._workspace.video_dir(video_id) / DATABASE_NAME).exists()
