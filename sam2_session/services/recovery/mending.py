"""Files that a full disk kept behind the database are tried again until they match it."""

from __future__ import annotations

import logging

from sam2_session.core.errors import FsyncFailed, HostUnavailable, StorageFailed
from sam2_session.runtime import Lock, Signal, Thread, spawn, stop_at_once
from sam2_session.services.prediction.predictions import PredictionService
from sam2_session.services.projects.project import Project
from sam2_session.services.recovery.recovery import Recovery

RETRY_S = 1.0

log = logging.getLogger(__name__)


class Mender:
    """Its thread lives only while some video is behind."""

    def __init__(self, recovery: Recovery, predictions: PredictionService) -> None:
        self._recovery = recovery
        self._predictions = predictions
        self._behind: dict[str, Project] = {}
        self._lock = Lock()
        self._closing = Signal()
        self._thread: Thread | None = None

    def put(self, project: Project) -> None:
        """What was acknowledged is in this video's database, but not all of it in its files."""
        with self._lock:
            self._behind[project.video_id] = project
            if self._thread is None and not self._closing.is_set():
                self._thread = spawn(self._loop, name="mender")

    def close(self) -> None:
        """Stop trying: the next start does it."""
        self._closing.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _loop(self) -> None:
        while not self._closing.wait(RETRY_S):
            with self._lock:
                projects, self._behind = self._behind, {}
                if not projects:
                    self._thread = None
                    return
            for project in projects.values():
                self._mend(project)

    def _mend(self, project: Project) -> None:
        try:
            self._recovery.recover(project)
            self._predictions.catch_up(project)
        except FsyncFailed:
            stop_at_once()
        except StorageFailed:
            with self._lock:
                self._behind.setdefault(project.video_id, project)
        except HostUnavailable:
            log.debug("%s was closed; its files follow when it is opened", project.video_id)
        else:
            log.info("%s: its files match its database again", project.video_id)
