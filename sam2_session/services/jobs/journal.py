"""Remembers background jobs over a restart, with how they ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sam2_session.core.errors import SessionError
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.runtime import Lock
from sam2_session.services.jobs.background import BackgroundJob, no_work
from sam2_session.services.jobs.job import Job
from sam2_session.services.jobs.job_queue import QueuedJob
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.storage.atomic import write_json
from sam2_session.storage.documents import SHAPE_ERRORS, parse_document
from sam2_session.storage.workspace import JOBS_NAME, Workspace

KEPT = 100  # jobs of a video
OF_EVERY_JOB = ("job_id", "kind", "state", "video_id", "position", "done", "total", "error")
CUT_OFF = {
    "code": "cancelled",
    "message": "The server stopped while this ran.",
    "hint": "Ask for it again.",
}

log = logging.getLogger(__name__)


class JobJournal:
    """A file in each video's folder with its newest jobs, oldest first; for any thread.

    Only the server that has the video open writes it, and it goes to the trash with the video.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()

    def note(self, job: QueuedJob) -> None:
        """Write down a job as it is now; a full disk keeps no job from running."""
        with self._lock:
            self._add(job.video_id, [job.to_wire()])

    def note_ends(self, video_id: str, jobs: Sequence[Job]) -> None:
        """Write down how jobs of a video have ended: it may go to the trash before `note` does."""
        ended = [job.to_wire() for job in jobs if job.state not in UNFINISHED]
        if ended:
            with self._lock:
                self._add(video_id, ended)

    def restore(
        self,
        registry: JobRegistry,
        is_known: Callable[[str], bool],
        is_elsewhere: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """List the jobs of earlier processes whose video is known; what never ended has failed.

        Of a video that another server has open, only what has ended is listed.
        """
        self._divide_old_file(is_known)
        for video_id in filter(is_known, self._videos_with_jobs()):
            self.restore_video(registry, video_id, all_ended=not is_elsewhere(video_id))

    def restore_video(
        self, registry: JobRegistry, video_id: str, *, all_ended: bool = True
    ) -> None:
        """List a video's jobs of earlier processes that are not listed yet."""
        for wire in _read(self._workspace.jobs_path(video_id)):
            with suppress(*SHAPE_ERRORS):
                if all_ended or JobState(wire["state"]) not in UNFINISHED:
                    registry.add(_restored(video_id, wire))

    def _add(self, video_id: str, added: list[dict[str, Any]]) -> None:
        path = self._workspace.jobs_path(video_id)
        if not path.parent.is_dir():  # the video was deleted meanwhile
            return
        jobs = {wire["job_id"]: wire for wire in [*_read(path), *added]}
        try:
            write_json(path, {"jobs": list(jobs.values())[-KEPT:]}, durable=False)
        except SessionError as error:
            log.warning("%s: its list of jobs was not written: %s", video_id, error)

    def _videos_with_jobs(self) -> list[str]:
        """Return the folders with a list of jobs, those longest without a new one first."""
        files = []
        for path in self._workspace.outputs_dir.glob(f"*/{JOBS_NAME}"):
            with suppress(OSError):  # a broken link, or deleted just now
                files.append((path.stat().st_mtime, path.parent.name))
        return [name for _, name in sorted(files)]

    def _divide_old_file(self, is_known: Callable[[str], bool]) -> None:
        """Give each video its jobs of the one file in which older versions kept all."""
        old = self._workspace.old_jobs_path
        if self._workspace.is_read_only or not old.is_file():
            return
        for wire in _read(old):
            if is_known(video_id := str(wire.get("video_id"))):
                self._add(video_id, [wire])
        with suppress(OSError):
            old.unlink()


def _read(path: Path) -> list[dict[str, Any]]:
    """Read the jobs in a file; a damaged one has none."""
    return parse_document(path, _jobs) or []


def _jobs(document: dict[str, Any]) -> list[dict[str, Any]]:
    jobs = [wire for wire in document["jobs"] if isinstance(wire, dict)]
    return [wire for wire in jobs if isinstance(wire.get("job_id"), str)]


def _restored(video_id: str, wire: dict[str, Any]) -> BackgroundJob:
    details = {name: value for name, value in wire.items() if name not in OF_EVERY_JOB}
    job = BackgroundJob(wire["job_id"], str(wire["kind"]), video_id, int(wire["total"]), no_work)
    job.details = details
    job.done = int(wire["done"])
    state = JobState(wire["state"])
    if state in UNFINISHED:
        job.end(JobState.FAILED, CUT_OFF)
    else:
        job.end(state, wire["error"])
    return job
