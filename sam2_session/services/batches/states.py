"""Reads the state of a batch's items from what is known of their videos, without opening any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Any, Protocol

from sam2_session.core.errors import VideoNotFound
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.services.batches.records import Batch, BatchItem
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.propagation.run_job import KIND as RUN
from sam2_session.services.videos.info import VideoInfo, VideoState
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.progress_facts import ProgressFacts


class RunState(Protocol):
    """Tells how far a run is: a job of this process, or one that another process announced."""

    @property
    def state(self) -> JobState: ...

    def to_wire(self) -> dict[str, Any]: ...


class ItemState(StrEnum):
    """State of an item."""

    TODO = "todo"
    ANNOTATED = "annotated"  # has prompts
    PREVIEWED = "previewed"  # and a mask that follows from them
    QUEUED = "queued"
    PROCESSING = "processing"
    PROCESSED = "processed"  # every pair is tracked to the end from its prompts as they are
    APPROVED = "approved"  # processed, and a person approved every mask
    SKIPPED = "skipped"
    FAILED = "failed"


TO_PROCESS = (ItemState.ANNOTATED, ItemState.PREVIEWED)
UNDER_WAY = (ItemState.QUEUED, ItemState.PROCESSING)


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item at one moment; `done` and `total` count frames while it is processed."""

    number: int
    item: BatchItem
    state: ItemState
    video: VideoInfo | None
    facts: ProgressFacts
    clients: Sequence[str]
    names: Sequence[str]
    first_number: int
    done: int = 0
    total: int = 0
    error: Mapping[str, Any] | None = None

    @property
    def video_id(self) -> str:
        """The item's video."""
        return self.item.video_id

    def to_wire(self) -> dict[str, Any]:
        """Convert to the wire's form."""
        marks, facts = self.item.marks, self.facts
        return {
            "item": self.number,
            "video_id": self.video_id,
            "name": self.video.name if self.video else self.video_id,
            "state": self.state.value,
            "done": self.done,
            "total": self.total,
            "error": self.error,
            "clients": list(self.clients),
            "names": list(self.names),
            "saved": marks.saved,
            "rejected": marks.rejected,
            "note": marks.note,
            "num_frames": self.video.num_frames if self.video else 0,
            "extracted": self.video.extracted if self.video else 0,
            "first_number": self.first_number,
            "prompted_frames": facts.prompted_frames,
            "masks": facts.masks,
            "approved_masks": facts.approved,
            "rejected_masks": facts.rejected,
            "rev": facts.rev,
            "can_undo_reset": self.item.before_reset is not None,
        }


class BatchStates:
    """Reads item states: one pass over the jobs, a table look-up for each video."""

    def __init__(
        self,
        videos: VideoService,
        progress: Callable[[str], ProgressFacts],
        jobs: JobRegistry,
        clients: Callable[[], Mapping[str, Sequence[str]]],
        names: Callable[[], Mapping[str, str]],
    ) -> None:
        self._videos = videos
        self._progress = progress
        self._jobs = jobs
        self._clients = clients
        self._names = names
        self.elsewhere: Callable[[], Mapping[str, RunState]] = dict  # newest runs by video_id

    def read(self, batch: Batch, only: Collection[str] | None = None) -> list[ItemView]:
        """Read every item, or those of some videos, in the batch's order."""
        infos = [self._videos.find(item.video_id) for item in batch.items]
        lengths = [info.num_frames if info else 0 for info in infos]
        firsts = accumulate(lengths, initial=batch.settings.offset)
        runs = self._newest_runs()
        clients, names = self._clients(), self._names()
        waiting = set(batch.processing.left) if _is_under_way(batch) and batch.processing else set()
        views = []
        rows = enumerate(zip(batch.items, infos, firsts, strict=False), start=1)
        for number, (item, info, first_number) in rows:
            if only is not None and item.video_id not in only:
                continue
            facts = self._progress(item.video_id)
            run = runs.get(item.video_id)
            state, error = _state_of(item, info, facts, run, item.video_id in waiting)
            done, total = _frames_of(run) if state is ItemState.PROCESSING else (0, 0)
            who = clients.get(item.video_id, ())
            called = [names.get(client_id, "") for client_id in who]
            views.append(
                ItemView(
                    number, item, state, info, facts, who, called, first_number, done, total, error
                )
            )
        return views

    def read_one(self, batch: Batch, number: int) -> ItemView:
        """Read one item by its number."""
        video_id = batch.items[number - 1].video_id
        return next(view for view in self.read(batch, {video_id}) if view.number == number)

    def _newest_runs(self) -> dict[str, RunState]:
        here = {job.video_id: job for job in self._jobs.jobs() if job.kind == RUN and job.video_id}
        return {**self.elsewhere(), **here}


def counts_of(views: Sequence[ItemView]) -> dict[str, int]:
    """Count items by state.

    `annotated` counts every item that waits to be processed, also those previewed, queued and
    processing, which are counted by themselves as well.
    """
    found = Counter(view.state for view in views)
    counts = {state.value: found[state] for state in ItemState}
    counts["annotated"] += sum(found[state] for state in (ItemState.PREVIEWED, *UNDER_WAY))
    return counts


def _is_under_way(batch: Batch) -> bool:
    processing = batch.processing
    return processing is not None and processing.state in UNFINISHED


def _state_of(
    item: BatchItem,
    info: VideoInfo | None,
    facts: ProgressFacts,
    run: RunState | None,
    is_waiting: bool,
) -> tuple[ItemState, Mapping[str, Any] | None]:
    if item.marks.skipped:
        return ItemState.SKIPPED, None
    is_unfinished = run is not None and run.state in UNFINISHED
    if run is not None and is_unfinished and run.to_wire()["state"] == JobState.RUNNING:
        return ItemState.PROCESSING, None
    if is_waiting or is_unfinished:
        return ItemState.QUEUED, None
    is_processed = info is not None and facts.processed_to >= info.num_frames - 1 >= 0
    error = _error_of(item, info, run)
    if error and not (is_processed and error.get("stage") == "run"):  # somebody ran it since
        return ItemState.FAILED, error
    if is_processed:
        all_approved = facts.approved == facts.masks > 0
        return (ItemState.APPROVED if all_approved else ItemState.PROCESSED), None
    if facts.prompted_frames:
        return (ItemState.PREVIEWED if facts.masks else ItemState.ANNOTATED), None
    return ItemState.TODO, None


def _error_of(
    item: BatchItem, info: VideoInfo | None, run: RunState | None
) -> Mapping[str, Any] | None:
    if info is None:
        return VideoNotFound(item.video_id).to_wire()
    if info.state is VideoState.FAILED and info.error:
        return info.error.to_wire()
    if item.marks.error:
        return item.marks.error
    if run is not None and run.state is JobState.FAILED:
        error: Mapping[str, Any] | None = run.to_wire()["error"]
        return error
    return None


def _frames_of(run: RunState | None) -> tuple[int, int]:
    wire = run.to_wire() if run else {"done": 0, "total": 0}
    return wire["done"], wire["total"]
