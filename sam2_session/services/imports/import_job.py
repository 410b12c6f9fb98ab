"""The job of an import: it is done once the masks of the imported prompts are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.errors import SessionError
from sam2_session.core.types import JobState
from sam2_session.runtime import monotonic, sleep, spawn
from sam2_session.services.jobs.background import BackgroundJob
from sam2_session.storage.frame_rows import FrameRow

POLL_S = 0.1
POLL_SHARE = 10  # of the time: counting many masks takes some itself
LATER = "masks of imported prompts are drawn once there is a model"
NOT_DRAWN = "masks of imported prompts could not be drawn; open a frame to try again"


@dataclass(frozen=True, slots=True)
class MasksToDraw:
    """Tells how many masks of an import are still missing, and whether anybody draws them."""

    missing: Callable[[], int]
    is_drawing: Callable[[], bool]


@dataclass(eq=False)
class ImportJob(BackgroundJob):
    """A background job that leaves its queue when all is stored, and ends when masks are drawn.

    A cancel after that only stops the wait: what was imported stays.
    """

    to_draw: MasksToDraw | None = field(default=None, init=False)
    _to_write: int = field(default=0, init=False)  # masks

    def expect_masks(self, count: int) -> None:
        """Count this many masks to write beside the steps that are done."""
        self._to_write, self.total = count, self.done + count
        self.progress.start(self.done)  # writing has a speed of its own

    def count_written(self, rows: Sequence[FrameRow]) -> None:
        """Count masks that are written, which no cancel undoes."""
        left = self.total - self.done - len(rows)
        words = f"Masks are being written: {self._to_write - left} of {self._to_write}."
        self.details = {**self.details, "note": words if left else None}
        self.advance(rows[-1].frame_idx, len(rows))

    def end(self, state: JobState, error: dict[str, Any] | None) -> None:
        if state is JobState.DONE and self.to_draw is not None:
            spawn(self._await_masks, self.to_draw, name="imported-masks")
        else:
            super().end(state, error)

    def _await_masks(self, masks: MasksToDraw) -> None:
        note = None
        try:
            with suppress(SessionError):  # the video is being closed: masks follow when it opens
                note = self._follow(masks)
        finally:
            self.details = {**self.details, "note": note}
            super().end(JobState.DONE, None)
            if self.queue is not None and not self.queue.is_closing:
                self.queue.registry.announce_end(self)

    def _follow(self, masks: MasksToDraw) -> str | None:
        """Count the masks until all are there, or nobody draws them; return what to say then."""
        most = before = masks.missing()
        stored = self.done
        self.total = stored + most
        while before and masks.is_drawing() and not self._is_given_up():
            self.done = stored + most - before
            words = f"Masks are being drawn: {most - before} of {most}."
            self.details = {**self.details, "note": words}
            self.announce()
            counted_s = monotonic()
            before = masks.missing()
            sleep(max(POLL_S, POLL_SHARE * (monotonic() - counted_s)))
        left = masks.missing() if before else 0
        self.done = stored + most - left
        if not left:
            return None
        return f"{left} {NOT_DRAWN if masks.is_drawing() else LATER}."

    def _is_given_up(self) -> bool:
        closing = self.queue is not None and self.queue.is_closing
        return closing or self.cancelled.is_set()
