"""Runs jobs one after the other in a thread; the clients that queued them take turns."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.errors import Cancelled, Conflict, FsyncFailed, SessionError, error_fields
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.inference.fair_queue import FairQueue
from sam2_session.loops import Loop
from sam2_session.runtime import BACKGROUND_NICENESS, Lock, Queue, Signal, stop_at_once
from sam2_session.services.jobs.progress import Progress
from sam2_session.services.jobs.registry import JobRegistry

log = logging.getLogger(__name__)


class QueueClosed(Exception):
    """Raised in the running job when the process ends; it has neither failed nor been cancelled."""


@dataclass(eq=False)
class QueuedJob(ABC):
    """A job of a queue; subclasses define how it runs and where its state is kept."""

    job_id: str
    kind: str
    video_id: str
    progress: Progress = field(default_factory=Progress, init=False)
    cancelled: Signal = field(default_factory=Signal, init=False)
    queue: JobQueue | None = field(default=None, init=False)  # set by `submit`
    position: int | None = field(default=None, init=False)  # in the queue while it waits; 1 is next
    client_id: str | None = field(default=None, init=False)  # in whose turn it runs
    taken: bool = field(default=False, init=False)  # begun, or cancelled before it began
    put_down: bool = field(default=False, init=False)  # it goes on in another process
    rested: Signal = field(default_factory=Signal, init=False)  # set when it does not run any more

    @property
    @abstractmethod
    def state(self) -> JobState:
        """The stored state; still queued while the job begins to run, see `shown_state`."""

    @property
    def shown_state(self) -> JobState:
        """The state to show: running from the moment the job begins."""
        begun = self.taken and self.state is JobState.QUEUED
        return JobState.RUNNING if begun else self.state

    @abstractmethod
    def to_wire(self) -> dict[str, Any]:
        """Describe the job, by `job_to_wire`."""

    @abstractmethod
    def run(self) -> None:
        """Run all steps; calls `check` between them, and lets its exceptions pass."""

    @abstractmethod
    def end(self, state: JobState, error: dict[str, Any] | None) -> None:
        """Store the final state; `error` is the ``{code, message, hint}`` of a failed job."""

    def cancel(self) -> None:
        """Stop the job after its current step, or at once if it waits."""
        self.cancelled.set()
        if self.queue is not None:
            self.queue.withdraw(self)

    def check(self) -> None:
        """Raise `Cancelled` or `QueueClosed` if the job has to stop now."""
        if self.cancelled.is_set():
            raise Cancelled(self.job_id)
        if self.put_down or (self.queue is not None and self.queue.is_closing):
            raise QueueClosed

    def announce(self) -> None:
        """Announce the job's progress to the viewers of its video."""
        if self.queue is not None:
            self.queue.registry.announce(self)


class JobQueue:
    """Queues jobs of all videos, and runs them one at a time in a thread.

    A client's own jobs keep their order, and those of no client are taken for one more.

    At most `max_waiting` jobs may wait; with `background` the thread has a low priority.
    """

    def __init__(
        self,
        registry: JobRegistry,
        name: str,
        *,
        max_waiting: int | None = None,
        background: bool = False,
        noted: Callable[[QueuedJob], None] = lambda _: None,
    ) -> None:
        self.registry = registry
        self.is_closing = False
        self._max_waiting = max_waiting
        self._noted = noted  # called when a job is queued, and when it has ended
        self._lock = Lock()
        self._waiting: FairQueue[QueuedJob] = FairQueue()
        self._queue: Queue[bool] = Queue()  # True for each job that was submitted, False at the end
        niceness = BACKGROUND_NICENESS if background else 0
        self._loop = Loop(self._run_next, name=name, niceness=niceness)

    def submit(self, job: QueuedJob) -> bool:
        """List a job, and run it in its turn, unless it has ended before.

        Returns False if its id is listed already. Raises `Conflict` if too many wait.
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
                self._waiting.put(0, job.client_id, job)
        if waits:
            self._noted(job)
            self._renumber()
            self._queue.put(True)
        return True

    def weigh(self, passes: Mapping[str, int]) -> None:
        """Let clients pass so many turns before each of their jobs while others wait."""
        with self._lock:
            is_new = self._waiting.weigh(passes)
        if is_new:
            self._renumber()

    def withdraw(self, job: QueuedJob) -> None:
        """End a job that still waits; a running job ends itself."""
        if job.state in UNFINISHED and self._take(job):
            self._end(job, JobState.CANCELLED)

    def put_down(self, job: QueuedJob) -> None:
        """Stop a job after its current step as if the process ended: it is unfinished still."""
        job.put_down = True
        if not self._take(job):
            job.rested.wait()

    def close(self) -> None:
        """Stop the running job after its current step; waiting jobs do not run any more."""
        self.is_closing = True
        self._queue.put(False)
        self._loop.join()

    def _take(self, job: QueuedJob) -> bool:
        """Take a job off the queue; False if another thread has taken it, to run or cancel it."""
        with self._lock:
            is_first, job.taken = not job.taken, True
            if is_first:
                job.position = None
                self._waiting.drop(job)
        self._renumber()
        return is_first

    def _renumber(self) -> None:
        """Number the waiting jobs, and announce each whose position changed."""
        moved = []
        with self._lock:
            for position, job in enumerate(self._waiting, start=1):
                if job.position != position:
                    job.position = position
                    moved.append(job)
        for job in moved:
            self.registry.announce(job)

    def _run_next(self) -> bool:
        if not self._queue.get() or self.is_closing:
            return False
        job = self._next()
        if job is not None:
            self.registry.announce(job)
            self._run_job(job)
        return True

    def _next(self) -> QueuedJob | None:
        """Take the next job; None if the one that was submitted is withdrawn."""
        with self._lock:
            job = self._waiting.take(0)
            if job is not None:
                job.taken, job.position = True, None
        self._renumber()
        return job

    def _run_job(self, job: QueuedJob) -> None:
        try:
            job.run()
        except Cancelled:
            self._end(job, JobState.CANCELLED)
        except QueueClosed:
            log.info("%s: job %s was stopped with the server", job.video_id, job.job_id)
        except FsyncFailed:
            stop_at_once()
        except Exception as error:  # noqa: BLE001 - boundary: the error becomes the job's state
            _log_failure(job, error)
            fields = error_fields(error)
            fields.pop("status")
            self._end(job, JobState.FAILED, fields)
        else:
            self._end(job, JobState.DONE)
        finally:
            job.rested.set()

    def _end(self, job: QueuedJob, state: JobState, error: dict[str, Any] | None = None) -> None:
        try:
            job.end(state, error)
        except Exception:  # noqa: BLE001 - boundary: a full disk must not end the queue
            log.exception("%s: the end of job %s was not saved", job.video_id, job.job_id)
        self._noted(job)
        if job.state in UNFINISHED:  # it leaves the queue, and goes on
            self.registry.announce(job)
        else:
            self.registry.announce_end(job)


def _log_failure(job: QueuedJob, error: Exception) -> None:
    """Log what nobody expected with its traceback; the job itself tells of all the rest."""
    if not isinstance(error, SessionError):
        log.exception("%s: job %s failed", job.video_id, job.job_id)
    else:
        level = logging.INFO if error.status < 500 else logging.WARNING
        log.log(level, "%s: job %s failed: %s", job.video_id, job.job_id, error)
