"""A propagation as a job: its row, and what the runner looks at while it works."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.runtime import Signal
from sam2_session.services.jobs.progress import Progress
from sam2_session.storage.job_rows import JobRow

FROM_PARAMS = ("start", "end", "direction", "on_guard", "client_id")  # what a job's list entry has


@dataclass(slots=True, eq=False)
class RunJob:
    """A job of this process."""

    video_id: str
    row: JobRow
    cancelled: Signal = field(default_factory=Signal)
    progress: Progress = field(default_factory=Progress)
    taken: bool = False  # the runner works on it, or it was cancelled before it could
    position: int | None = None  # of a job that waits, in the line of all videos; 1 is next

    @property
    def job_id(self) -> str:
        """As on the wire."""
        return self.row.job_id

    @property
    def state(self) -> JobState:
        """As in its row."""
        return self.row.state

    @property
    def waits(self) -> bool:
        """Its turn has not come."""
        return self.state in UNFINISHED and not self.taken

    def _shown_state(self) -> JobState:
        """Running from the first: its row says so once its prompted frames are predicted."""
        begins = self.taken and self.state is JobState.QUEUED
        return JobState.RUNNING if begins else self.state

    def to_wire(self) -> dict[str, Any]:
        """A job as every list and event has it."""
        row = self.row
        return {
            "job_id": row.job_id,
            "kind": row.kind,
            "state": self._shown_state().value,
            "video_id": self.video_id,
            "pairs": row.params.get("pairs", []),
            "done": row.done,
            "total": row.total,
            "eta_s": self.progress.eta_s(row.total),
            "position": None if self.taken else self.position,
            "frame_idx": self.progress.frame_idx,
            "error": row.error,
            "paused": row.paused,
            **{name: row.params.get(name) for name in FROM_PARAMS},
        }


def new_row(params: dict[str, Any], total: int, *, run: int, done: int) -> JobRow:
    """A propagation that waits for its turn."""
    return JobRow(
        job_id=secrets.token_hex(8),
        kind="propagate",
        state=JobState.QUEUED,
        params=params,
        run=run,
        done=done,
        total=total,
        created_at=time.time(),
    )
