"""The processing of a batch as a job: its frames done, and the time that is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sam2_session.core.types import JobState
from sam2_session.runtime import Signal, monotonic
from sam2_session.services.batches.book import BatchBook
from sam2_session.services.batches.records import Processing
from sam2_session.services.jobs.job import job_to_wire
from sam2_session.services.jobs.registry import JobRegistry

KIND = "batch"
ANNOUNCE_EVERY_S = 0.5


class ProcessingStopped(Exception):
    """Raised in the item under way when the process ends; it goes on at the next start."""


class OnHold(Exception):
    """Raised in the item under way when its batch is put on hold."""


class FramesOfItems(Protocol):
    """Tells how many frames a video has, and how many of them its run has done."""

    def num_frames(self, video_id: str) -> int: ...

    def frames_done(self, video_id: str) -> int: ...


class BatchJob:
    """One processing of a batch; its state is stored with the batch.

    `done` and `total` count the frames of all its items.
    """

    kind = KIND
    video_id: str | None = None
    position: int | None = None

    def __init__(
        self,
        batch_id: str,
        book: BatchBook,
        frames: FramesOfItems,
        on_cancel: Callable[[], None],
    ) -> None:
        self.batch_id = batch_id
        self.current: set[str] = set()  # the videos under way
        self.note: str | None = None  # for people, at its end
        self._book = book
        self._frames = frames
        self._on_cancel = on_cancel
        self._cancelled = Signal()
        self._last = self._stored()
        self.job_id = self._last.job_id
        self._clock: tuple[float, int] | None = None  # its start, and the frames done by then
        self._announced_s = 0.0

    @property
    def processing(self) -> Processing:
        """The record of now; the last known once the batch has another, or is deleted."""
        batch = self._book.find(self.batch_id)
        if batch and batch.processing and batch.processing.job_id == self.job_id:
            self._last = batch.processing
        return self._last

    @property
    def state(self) -> JobState:
        return self.processing.state

    @property
    def is_cancelled(self) -> bool:
        """Return whether somebody cancelled it; the step under way may not have ended."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        self._cancelled.set()
        self._on_cancel()

    def start_clock(self) -> None:
        """Measure the speed from here on."""
        self._clock = (monotonic(), self._done(self.processing))

    def to_wire(self) -> dict[str, Any]:
        processing = self.processing
        done = self._done(processing)
        total = sum(map(self._frames.num_frames, processing.video_ids))
        facts = {
            "done": done,
            "total": total,
            "eta_s": self._eta_s(done, total) if processing.state is JobState.RUNNING else None,
            "batch_id": self.batch_id,
            "items_done": len(processing.ended),
            "items_total": len(processing.video_ids),
            "on_hold": processing.on_hold,
            "note": self.note,
            "format": processing.export.format if processing.export else None,
        }
        return job_to_wire(self, processing.state, facts)

    def announce_progress(self, registry: JobRegistry) -> None:
        """Announce it, at most twice a second."""
        if monotonic() - self._announced_s > ANNOUNCE_EVERY_S:
            self._announced_s = monotonic()
            registry.announce(self)

    def _stored(self) -> Processing:
        stored = self._book.get(self.batch_id).processing
        if stored is None:
            raise RuntimeError("A batch job is made of a batch that is processed.")
        return stored

    def _done(self, processing: Processing) -> int:
        done = sum(map(self._frames.num_frames, processing.ended))
        return done + sum(map(self._frames.frames_done, tuple(self.current)))

    def _eta_s(self, done: int, total: int) -> float | None:
        if self._clock is None:
            return None
        began_s, first = self._clock
        if done <= first:
            return None
        return round((total - done) * (monotonic() - began_s) / (done - first), 1)
