"""Jobs that need no model: exports and imports. One runner beside the propagations'."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.errors import Conflict, FsyncFailed, error_fields
from sam2_session.core.events import EventBus, EventName
from sam2_session.core.types import JobState
from sam2_session.runtime import (
    Lock,
    Queue,
    Signal,
    lower_priority,
    monotonic,
    spawn,
    stop_at_once,
)
from sam2_session.services.jobs.job_line import JobLine
from sam2_session.services.jobs.progress import Progress

ANNOUNCE_EVERY_S = 0.2
MAX_WAITING = 32  # of all videos
KEPT_JOBS = 50  # ended ones that are still listed

log = logging.getLogger(__name__)

Steps = Generator[int | None, None, None]


@dataclass(slots=True, eq=False)
class SideJob:
    """One job; `work` yields the frame it has done, or None between steps that do not count."""

    job_id: str
    kind: str
    video_id: str
    total: int
    work: Callable[[SideJob], Steps]
    drop: Callable[[], None] = lambda: None  # it was cancelled before it began
    details: dict[str, Any] = field(default_factory=dict)  # told with it
    state: JobState = JobState.QUEUED
    done: int = 0
    error: dict[str, Any] | None = None
    position: int | None = None
    progress: Progress = field(default_factory=Progress)
    cancelled: Signal = field(default_factory=Signal)
    stopping: bool = False  # the server ends: the job did not fail, and nobody cancelled it

    @property
    def waits(self) -> bool:
        """Its turn has not come."""
        return self.state is JobState.QUEUED

    def to_wire(self) -> dict[str, Any]:
        """A job as every list and event has it."""
        return {
            "job_id": self.job_id,
            "kind": self.kind,
            "state": self.state.value,
            "video_id": self.video_id,
            "pairs": [],
            "done": self.done,
            "total": self.total,
            "eta_s": self.progress.eta_s(self.total),
            "position": self.position if self.waits else None,
            "frame_idx": self.progress.frame_idx,
            "error": self.error,
            "paused": None,
            **self.details,
        }


class SideJobs:
    """One at a time, in the order they came; a long propagation holds none of them up."""

    def __init__(self, bus: EventBus) -> None:
        self._line: JobLine[SideJob] = JobLine(bus)
        self._lock = Lock()
        self._queue: Queue[SideJob | None] = Queue()
        self._closing = False
        self._announced_s = 0.0
        self._thread = spawn(self._loop, name="side-jobs")

    def submit(self, job: SideJob) -> None:
        """Do this when its turn comes. Raises `Conflict` if too many wait."""
        if not self._line.remember(job, most_waiting=MAX_WAITING):
            raise Conflict(
                f"{MAX_WAITING} exports and imports wait already.",
                hint="Wait for some of them, or cancel one.",
            )
        self._line.move_up()
        self._queue.put(job)

    def remember(self, job: SideJob) -> None:
        """List a job that has ended before."""
        self._line.remember(job)

    def list(self, video_id: str | None = None) -> list[dict[str, Any]]:
        """Every job of this process's life, oldest first."""
        return [job.to_wire() for job in self._line.jobs(video_id)]

    def find(self, job_id: object) -> SideJob | None:
        """A job by its id."""
        return self._line.find(job_id)

    def cancel(self, job_id: object) -> dict[str, Any] | None:
        """Stop a job before its next step; None if there is none of this id."""
        job = self._line.find(job_id)
        if job is None:
            return None
        self._cancel(job)
        return job.to_wire()

    def cancel_video(self, video_id: str) -> None:
        """Stop every job of a video and wait for the one in work."""
        jobs = self._line.jobs(video_id)
        for job in jobs:
            self._cancel(job)
        self._line.wait_for(jobs)

    def close(self) -> None:
        """Stop before the next step; what is not done is to be asked for again."""
        self._closing = True
        self._queue.put(None)
        self._thread.join()

    def _loop(self) -> None:
        lower_priority()
        while (job := self._queue.get()) is not None and not self._closing:
            if self._change(job, JobState.QUEUED, JobState.RUNNING):
                self._line.move_up()
                self._run(job)

    def _run(self, job: SideJob) -> None:
        job.progress.start(0)
        self._announce(job, EventName.JOB_PROGRESS)
        try:
            with closing(job.work(job)) as steps:
                for frame_idx in steps:
                    self._advance(job, frame_idx)
                    if self._closing:
                        job.stopping = True
                        return
                    if job.cancelled.is_set():
                        ended = JobState.CANCELLED
                        break
                else:
                    ended = JobState.DONE
        except FsyncFailed:
            stop_at_once()
        except Exception as error:  # noqa: BLE001 - boundary: the error becomes the job's state
            log.exception("%s: job %s failed", job.video_id, job.job_id)
            fields = error_fields(error)
            job.error = {name: fields[name] for name in ("code", "message", "hint")}
            self._end(job, JobState.FAILED)
        else:
            self._end(job, ended)

    def _advance(self, job: SideJob, frame_idx: int | None) -> None:
        if frame_idx is None:
            return
        job.done += 1
        job.progress.advance(job.done, frame_idx)
        if monotonic() - self._announced_s > ANNOUNCE_EVERY_S:
            self._announce(job, EventName.JOB_PROGRESS)

    def _cancel(self, job: SideJob) -> None:
        job.cancelled.set()
        if self._change(job, JobState.QUEUED, JobState.CANCELLED):
            job.drop()
            self._line.move_up()
            self._announce(job, EventName.JOB_ENDED)

    def _end(self, job: SideJob, state: JobState) -> None:
        self._change(job, JobState.RUNNING, state)
        self._announce(job, EventName.JOB_ENDED)
        self._line.forget_ended(KEPT_JOBS)

    def _change(self, job: SideJob, before: JobState, after: JobState) -> bool:
        with self._lock:
            changed = job.state is before
            if changed:
                job.state = after
        return changed

    def _announce(self, job: SideJob, name: EventName) -> None:
        self._announced_s = monotonic()
        self._line.announce(job, name)
