"""Shapes of answers for the API documents: batches and their items.

Services build their answers as plain dictionaries, which nothing checks against these at run time;
further fields may come at any time.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from sam2_session.services.operations.work_answers import ErrorObject


class BatchCounts(Struct):
    """Items by state; `annotated` counts all that wait to be processed or are under way."""

    todo: int
    annotated: int
    previewed: int
    queued: int
    processing: int
    processed: int
    approved: int
    skipped: int
    failed: int


class BatchSettingsAnswer(Struct):
    """Choices for a whole batch."""

    offset: int
    background: str
    start_item: int
    carry_names: bool


class BatchItemAnswer(Struct):
    """One item: its video, state, who is on it, and why it failed.

    `done` and `total` count frames while it is processed; `first_number` is its first frame's
    number in exports. `names` are those of the `clients`, in their order; empty if not given. `rev`
    counts the changes of its video.
    """

    item: int
    video_id: str
    name: str
    state: Literal[
        "todo",
        "annotated",
        "previewed",
        "queued",
        "processing",
        "processed",
        "approved",
        "skipped",
        "failed",
    ]
    done: int
    total: int
    error: ErrorObject | None
    clients: list[str]
    names: list[str]
    saved: bool
    rejected: str | None
    note: str
    num_frames: int
    extracted: int
    first_number: int
    prompted_frames: int
    masks: int
    approved_masks: int
    rejected_masks: int
    rev: int
    can_undo_reset: bool


class BatchSummary(Struct):
    """One batch of a list; `items` is how many it has, `video_ids` their videos in order.

    `job_id` is its newest processing; `cutting` the video whose scene cuts are looked for.
    """

    batch_id: str
    name: str
    created_at: float
    items: int
    counts: BatchCounts
    settings: BatchSettingsAnswer
    job_id: str | None
    on_hold: bool
    cutting: str | None
    error: ErrorObject | None
    video_ids: list[str]


class BatchList(Struct):
    """Every batch, oldest first."""

    batches: list[BatchSummary]


class BatchAnswer(Struct):
    """One batch with its items."""

    batch_id: str
    name: str
    created_at: float
    items: list[BatchItemAnswer]
    counts: BatchCounts
    settings: BatchSettingsAnswer
    job_id: str | None
    on_hold: bool
    cutting: str | None
    error: ErrorObject | None


class BatchDeleted(Struct):
    """A deleted batch, and how many of its segments were deleted with it."""

    deleted: bool
    batch_id: str
    trash_id: str
    segments: int


class BatchStepAnswer(Struct):
    """The item as it is now, the next one to do after `save`, `skip` and `next`, and the counts."""

    item: BatchItemAnswer | None
    next: BatchItemAnswer | None
    counts: BatchCounts


class ProcessingStarted(Struct):
    """The job that processes a batch, and how many items it has."""

    job_id: str
    items: int | UnsetType = UNSET


class BatchExport(Struct):
    """A folder of exports, below outputs/; `changed_at` in seconds since 1970."""

    format: str
    folder: str
    files: int
    changed_at: float


class BatchExportList(Struct):
    """The exports of a batch so far."""

    exports: list[BatchExport]
