"""A batch: an ordered list of videos that are annotated and processed one after another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sam2_session.client.connection import Connection, Json
from sam2_session.client.files import write_whole
from sam2_session.client.jobs import Job
from sam2_session.core.errors import JobNotFound, SessionError, VideoNotFound, error_from_wire
from sam2_session.services.operations import batches, reports

Which = Iterable[int] | Literal["annotated", "failed", "rejected"]


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One video of a batch; `item` is its number, from 1, `rev` counts the video's changes.

    `state` is ``todo``, ``annotated``, ``previewed``, ``queued``, ``processing``, ``processed``,
    ``approved``, ``skipped`` or ``failed``; `error` says why it failed.
    """

    item: int
    video_id: str
    name: str
    state: str
    error: SessionError | None
    prompted_frames: int
    masks: int
    rev: int

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> BatchItem:
        """Read a row of `get_batch`."""
        return cls(
            row["item"],
            row["video_id"],
            row["name"],
            row["state"],
            error_from_wire(row["error"]) if row["error"] else None,
            row["prompted_frames"],
            row["masks"],
            row["rev"],
        )


class Batch:
    """A batch, as it was when it was last read: `refresh` reads it anew."""

    def __init__(self, connection: Connection, facts: Json) -> None:
        self._connection = connection
        self.facts = facts  # as REST answers them

    @property
    def batch_id(self) -> str:
        return str(self.facts["batch_id"])

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def items(self) -> list[BatchItem]:
        """The videos in their order, with how far each is."""
        return [BatchItem.read(row) for row in self.facts["items"]]

    def refresh(self) -> Batch:
        """Read the batch anew; returns it. Raises `NotFound` once it is deleted."""
        self.facts = self._connection.call(batches.GET_BATCH, batch_id=self.batch_id)
        return self

    def include(self, video_ids: Iterable[str]) -> None:
        """Append the videos that are not in it yet; what of its videos is gone leaves it."""
        kept = [item.video_id for item in self.items if not isinstance(item.error, VideoNotFound)]
        wanted = list(dict.fromkeys([*kept, *video_ids]))
        if wanted != [item.video_id for item in self.items]:
            self.facts = self._connection.call(
                batches.UPDATE_BATCH, batch_id=self.batch_id, video_ids=wanted
            )

    def job(self) -> Job | None:
        """Read the job that processes it, or that did so last."""
        if self.facts["job_id"] is None:
            return None
        try:
            return Job.started(self._connection, self.facts)
        except JobNotFound:
            return None

    def process(self, items: Which = "annotated", export: Json | None = None) -> Job:
        """Run items one after another in a job, and make the export ``{format, options}`` of each.

        `items` are numbers, or all in a state. An item that fails does not stop the others. Raises
        `NothingToDo` if none can be processed, `Conflict` while it is being processed.
        """
        which = items if isinstance(items, str) else list(items)
        answer = self._connection.call(
            batches.PROCESS_BATCH, batch_id=self.batch_id, items=which, export=export
        )
        return Job.started(self._connection, answer)

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one HTML page, to `path`, or here as ``<batch_id>-report.html``."""
        page = self._connection.call(reports.REPORT_BATCH, batch_id=self.batch_id)
        return write_whole(Path(path) if path else Path(f"{self.batch_id}-report.html"), page)

    def delete(self) -> None:
        """Move the batch and its exports to the trash; its videos stay."""
        self._connection.call(batches.DELETE_BATCH, batch_id=self.batch_id)

    def __repr__(self) -> str:
        return f"<Batch {self.batch_id}: {len(self.facts['items'])} videos>"
