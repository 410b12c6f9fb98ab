"""Runs background jobs: those that need no model, such as exports and imports."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.types import JobState
from sam2_session.runtime import monotonic
from sam2_session.services.jobs.job import job_to_wire
from sam2_session.services.jobs.job_queue import JobQueue, QueuedJob
from sam2_session.services.jobs.registry import JobRegistry

ANNOUNCE_EVERY_S = 0.2
MAX_WAITING = 32  # for all videos together

FramesDone = Generator[
    int | None, None, None
]  # yields each finished frame, or None for a step that is not counted
MakeSteps = Callable[["BackgroundJob"], FramesDone]


def background_queue(
    registry: JobRegistry, noted: Callable[[QueuedJob], None] = lambda _: None
) -> JobQueue:
    """Start the queue of background jobs: one at a time, never behind a propagation."""
    return JobQueue(
        registry, "background jobs", max_waiting=MAX_WAITING, background=True, noted=noted
    )


@dataclass(eq=False)
class BackgroundJob(QueuedJob):
    """A job that runs the steps of a generator, and can be cancelled between them.

    `clean_up` is called once when the job is over, however it ended and even if it never began; a
    stop of the server does not call it. `details` are facts of its kind for `to_wire`.
    """

    total: int
    make_steps: MakeSteps
    clean_up: Callable[[], None] = lambda: None
    details: dict[str, Any] = field(default_factory=dict)
    done: int = field(default=0, init=False)
    error: dict[str, Any] | None = field(default=None, init=False)
    _state: JobState = field(default=JobState.QUEUED, init=False)
    _announced_s: float = field(default=0.0, init=False)

    @property
    def state(self) -> JobState:
        return self._state

    def to_wire(self) -> dict[str, Any]:
        figures = {
            "done": self.done,
            "total": self.total,
            "eta_s": self.progress.eta_s(self.total),
            "frame_idx": self.progress.frame_idx,
            "error": self.error,
        }
        return job_to_wire(self, self.shown_state, {**self.details, **figures})

    def run(self) -> None:
        self._state = JobState.RUNNING
        self.progress.start(0)
        with closing(self.make_steps(self)) as frames:
            for frame_idx in frames:
                if frame_idx is not None:
                    self.advance(frame_idx)
                self.check()

    def end(self, state: JobState, error: dict[str, Any] | None) -> None:
        try:
            self.clean_up()
        finally:
            self._state, self.error = state, error

    def advance(self, frame_idx: int, by: int = 1) -> None:
        """Count finished steps, the last one on this frame, and announce it now and then."""
        self.done += by
        self.progress.advance(self.done, frame_idx)
        if monotonic() - self._announced_s > ANNOUNCE_EVERY_S:
            self._announced_s = monotonic()
            self.announce()


def no_work(_: BackgroundJob) -> FramesDone:
    """Yield no step: for jobs of an earlier process, which are only listed."""
    yield from ()
