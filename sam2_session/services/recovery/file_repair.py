"""Repair of files that a full disk kept behind their database."""

from __future__ import annotations

import logging

from sam2_session.core.errors import (
    DamagedDatabase,
    FsyncFailed,
    HostUnavailable,
    StorageFailed,
)
from sam2_session.loops import Loop
from sam2_session.runtime import Signal, stop_at_once
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.projects import Projects
from sam2_session.services.projects.repair_queue import RepairQueue
from sam2_session.services.recovery.recovery import Recovery

RETRY_S = 1.0

log = logging.getLogger(__name__)


class FileRepair:
    """Retries in a thread of its own, once a second, until files match their database again."""

    def __init__(
        self,
        queue: RepairQueue,
        projects: Projects,
        recovery: Recovery,
        predictions: PredictionService,
    ) -> None:
        self._queue = queue
        self._projects = projects
        self._recovery = recovery
        self._predictions = predictions
        self._closing = Signal()
        self._loop = Loop(self._repair_next, name="file-repair")

    def close(self) -> None:
        """Stop retrying; the next start does it."""
        self._closing.set()
        self._queue.close()
        self._loop.join()

    def _repair_next(self) -> bool:
        video_ids = self._queue.take()
        if not video_ids or self._closing.wait(RETRY_S):
            return False
        for video_id in video_ids:
            self._repair(video_id)
        return True

    def _repair(self, video_id: str) -> None:
        project = self._projects.peek(video_id)
        if project is None:
            log.debug("%s was closed; its files follow at the next start", video_id)
            return
        try:
            self._recovery.recover(project)
            self._predictions.catch_up(project)
        except FsyncFailed:
            stop_at_once()
        except DamagedDatabase as error:
            log.error("%s: %s", video_id, error)
            self._projects.note_failure(video_id, error)
        except StorageFailed:
            self._queue.put(video_id)
        except HostUnavailable:
            log.debug("%s is being closed; its files follow at the next start", video_id)
        else:
            log.info("%s: its files match its database again", video_id)
