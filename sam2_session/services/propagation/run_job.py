"""A propagation as a job of this process, kept as a row of its video's database."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import Any, Protocol

from sam2_session.core.errors import Cancelled
from sam2_session.core.types import JobState, OnApproved, RunMode, SessionKey
from sam2_session.runtime import monotonic
from sam2_session.services.jobs.job import job_to_wire
from sam2_session.services.jobs.job_queue import QueuedJob
from sam2_session.storage.job_rows import JobRow

KIND = "propagate"
FROM_PARAMS = (
    "start",
    "end",
    "direction",
    "on_guard",
    "client_id",
    "from_frame",
)  # parameters of a run that describe it on the wire


class RunWorker(Protocol):
    """The methods of `Runner` that a job calls."""

    def run(self, job: RunJob) -> None: ...

    def save(self, job: RunJob, row: JobRow) -> None: ...


class RunJob(QueuedJob):
    """One run; `row` is its newest committed row, `left` the pairs that a newer run took over."""

    def __init__(self, video_id: str, row: JobRow, worker: RunWorker) -> None:
        super().__init__(row.job_id, row.kind, video_id)
        self.row = row
        self.client_id = row.params.get("client_id")
        self.left: frozenset[SessionKey] = frozenset()
        self._worker = worker
        self._began_s: float | None = None

    @property
    def state(self) -> JobState:
        return self.row.state

    def to_wire(self) -> dict[str, Any]:
        row = self.row
        facts = {
            "pairs": row.params.get("pairs", []),
            "done": row.done,
            "total": row.total,
            "eta_s": self.progress.eta_s(row.total),
            "frame_idx": self.progress.frame_idx,
            "error": row.error,
            "paused": row.paused,
            "made": row.made,
            "kept": row.kept,
            "mode": row.params.get("mode", RunMode.FULL),
            "tracked": row.tracked,
            "reach": row.params.get("reach"),
            "approved": row.params.get("approved", OnApproved.KEEP),  # older rows lack it
            **{name: row.params.get(name) for name in FROM_PARAMS},
        }
        return job_to_wire(self, self.shown_state, facts)

    @property
    def keys(self) -> frozenset[SessionKey]:
        """The pairs that it was planned for."""
        pairs = self.row.params.get("pairs", [])
        return frozenset(
            SessionKey(self.video_id, pair["instance_id"], pair["region"]) for pair in pairs
        )

    def leave(self, keys: frozenset[SessionKey]) -> None:
        """Leave these pairs out from the next frame on."""
        self.left |= keys

    def check(self) -> None:
        super().check()
        if self.left >= self.keys:
            raise Cancelled(self.job_id)

    def run(self) -> None:
        self._began_s = monotonic()
        self._worker.run(self)

    def advance(self, row: JobRow, frame_idx: int) -> None:
        """Announce that all masks before the row's cursor are stored, the newest of this frame."""
        self.row = row
        self.progress.advance(row.done, frame_idx)
        self.announce()

    def end(self, state: JobState, error: dict[str, Any] | None) -> None:
        row = replace(self.row, state=state, error=error)
        if self._began_s is not None:
            row = replace(row, took_s=(row.took_s or 0) + monotonic() - self._began_s)
        try:
            self._worker.save(self, row)
        finally:
            self.row = row  # even if the disk is full


def new_row(params: dict[str, Any], total: int, *, run: int) -> JobRow:
    """Make the row of a queued run that has no masks yet."""
    return JobRow(
        job_id=secrets.token_hex(8),
        kind=KIND,
        state=JobState.QUEUED,
        params=params,
        run=run,
        done=0,
        total=total,
        created_at=time.time(),
    )
