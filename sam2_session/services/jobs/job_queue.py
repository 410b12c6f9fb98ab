"""Carries jobs one after the other in a thread of their own, in the order they came."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.errors import Cancelled, Conflict, FsyncFailed, error_fields
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.runtime import Lock, Queue, Signal, lower_priority, spawn, stop_at_once
from sam2_session.services.jobs.progress import Progress
from sam2_session.services.jobs.registry import JobRegistry

log = logging.getLogger(__name__)


class QueueClosed(Exception):
    """The process ends: the job in work neither failed nor was cancelled."""


@dataclass(eq=False)
class QueuedJob(ABC):
    """A job that is carried when its turn comes; subclasses do its work and keep its state."""

    job_id: str
    kind: str
    video_id: str
    progress: Progress = field(default_factory=Progress, init=False)
    cancelled: Signal = field(default_factory=Signal, init=False)
    queue: JobQueue | None = field(default=None, init=False)  # set when it is submitted
    position: int | None = field(default=None, init=False)  # while it waits there; 1 is next
    taken: bool = field(default=False, init=False)  # its turn came, or it was cancelled before

    @property
    @abstractmethod
    def state(self) -> JobState:
        """Its state as it is kept; it may lag behind `shown_state` while work begins."""

    @property
    def shown_state(self) -> JobState:
        """Running from the moment its turn comes."""
        begins = self.taken and self.state is JobState.QUEUED
        return JobState.RUNNING if begins else self.state

    @abstractmethod
    def to_wire(self) -> dict[str, Any]:
        """Every fact about it, made by `job_to_wire`."""

    @abstractmethod
    def work(self) -> None:
        """Do all of it; calls `check` between steps and lets what that raises pass."""

    @abstractmethod
    def end(self, state: JobState, error: dict[str, Any] | None) -> None:
        """Keep how it ended; `error` is ``{code, message, hint}`` of a job that failed."""

    def cancel(self) -> None:
        """Stop it after the step in work, or at once while it waits."""
        self.cancelled.set()
        if self.queue is not None:
            self.queue.withdraw(self)

    def check(self) -> None:
        """Raise `Cancelled` or `QueueClosed` if the work shall stop here."""
        if self.cancelled.is_set():
            raise Cancelled(self.job_id)
        if self.queue is not None and self.queue.is_closing:
            raise QueueClosed

    def announce(self) -> None:
        """Tell everybody who has its video open how far it is."""
        if self.queue is not None:
            self.queue.registry.announce(self)


class JobQueue:
    """A line of jobs of all videos, and the thread that carries the first of them.

    With `max_waiting` no more than that may wait; with `background` its thread gives way to others.
    """

    def __init__(
        self,
        registry: JobRegistry,
        name: str,
        *,
        max_waiting: int | None = None,
        background: bool = False,
    ) -> None:
        self.registry = registry
        self.is_closing = False
        self._max_waiting = max_waiting
        self._background = background
        self._lock = Lock()
        self._waiting: list[QueuedJob] = []
        self._queue: Queue[QueuedJob | None] = Queue()
        self._thread = spawn(self._loop, name=name)

    def submit(self, job: QueuedJob) -> bool:
        """List a job, and carry it when its turn comes unless it has ended before.

        Returns False if its id is known. Raises `Conflict` if too many wait.
        """
        waits = job.state in UNFINISHED
        with self._lock:
            if waits and self._max_waiting is not None and len(self._waiting) >= self._max_waiting:
                raise Conflict(
                    f"{self._max_waiting} exports and imports wait already.",
                    hint="Wait for some of them, or cancel one.",
                )
            if not self.registry.add(job):
                return False
            job.queue = self
            if waits:
                self._waiting.append(job)
        if waits:
            self._move_up()
            self._queue.put(job)
        return True

    def withdraw(self, job: QueuedJob) -> None:
        """End a job that still waits; one whose turn came ends itself."""
        if job.state in UNFINISHED and self._take(job):
            self._end(job, JobState.CANCELLED)

    def close(self) -> None:
        """Stop after the step in work; what waits is carried no more by this process."""
        self.is_closing = True
        self._queue.put(None)
        self._thread.join()

    def _take(self, job: QueuedJob) -> bool:
        """Whether the caller is the first to decide what becomes of a waiting job."""
        with self._lock:
            first, job.taken = not job.taken, True
            if first:
                job.position = None
                self._waiting.remove(job)
        self._move_up()
        return first

    def _move_up(self) -> None:
        """Number the jobs that wait, and announce those whose position changed."""
        moved = []
        with self._lock:
            for position, job in enumerate(self._waiting, start=1):
                if job.position != position:
                    job.position = position
                    moved.append(job)
        for job in moved:
            self.registry.announce(job)

    def _loop(self) -> None:
        if self._background:
            lower_priority()
        while (job := self._queue.get()) is not None and not self.is_closing:
            if self._take(job):
                self.registry.announce(job)
                self._carry(job)

    def _carry(self, job: QueuedJob) -> None:
        try:
            job.work()
        except Cancelled:
            self._end(job, JobState.CANCELLED)
        except QueueClosed:
            log.info("%s: job %s was stopped with the server", job.video_id, job.job_id)
        except FsyncFailed:
            stop_at_once()
        except Exception as error:  # noqa: BLE001 - boundary: the error becomes the job's state
            log.exception("%s: job %s failed", job.video_id, job.job_id)
            fields = error_fields(error)
            fields.pop("status")
            self._end(job, JobState.FAILED, fields)
        else:
            self._end(job, JobState.DONE)

    def _end(self, job: QueuedJob, state: JobState, error: dict[str, Any] | None = None) -> None:
        try:
            job.end(state, error)
        except Exception:  # noqa: BLE001 - boundary: a full disk must not end the queue
            log.exception("%s: the end of job %s was not saved", job.video_id, job.job_id)
        self.registry.announce_end(job)
