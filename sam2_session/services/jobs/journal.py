"""Remembers background jobs over a restart, with how they ended."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sam2_session.core.errors import StorageFailed
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.runtime import Lock
from sam2_session.services.jobs.background import BackgroundJob, no_work
from sam2_session.services.jobs.job_queue import QueuedJob
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.storage.atomic import write_json
from sam2_session.storage.documents import read_document
from sam2_session.storage.workspace import Workspace

KEPT = 100  # jobs
OF_EVERY_JOB = ("job_id", "kind", "state", "video_id", "position", "done", "total", "error")
CUT_OFF = {
    "code": "cancelled",
    "message": "The server stopped while this ran.",
    "hint": "Ask for it again.",
}

log = logging.getLogger(__name__)


class JobJournal:
    """A file beside the videos' folders with the newest jobs, oldest first; for any thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._jobs: dict[str, dict[str, Any]] = {}
        self._lock = Lock()

    def note(self, job: QueuedJob) -> None:
        """Write down a job as it is now; a full disk keeps no job from running."""
        with self._lock:
            self._jobs[job.job_id] = job.to_wire()
            for job_id in list(self._jobs)[:-KEPT]:
                del self._jobs[job_id]
            try:
                path = self._workspace.jobs_path
                write_json(path, {"jobs": list(self._jobs.values())}, durable=False)
            except StorageFailed as error:
                log.warning("the list of jobs was not written: %s", error)

    def restore(self, registry: JobRegistry, is_known: Callable[[str], bool]) -> None:
        """List the jobs of earlier processes whose video is known; what never ended has failed."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            for wire in read_document(self._workspace.jobs_path)["jobs"]:
                job = _restored(wire)
                if is_known(job.video_id):
                    registry.add(job)
                    self._jobs[job.job_id] = job.to_wire()


def _restored(wire: dict[str, Any]) -> BackgroundJob:
    details = {name: value for name, value in wire.items() if name not in OF_EVERY_JOB}
    job = BackgroundJob(
        str(wire["job_id"]), str(wire["kind"]), str(wire["video_id"]), int(wire["total"]), no_work
    )
    job.details = details
    job.done = int(wire["done"])
    state = JobState(wire["state"])
    if state in UNFINISHED:
        job.end(JobState.FAILED, CUT_OFF)
    else:
        job.end(state, wire["error"])
    return job
