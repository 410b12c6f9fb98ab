"""Records of a batch: its order, settings, marks of its items, and what it processes."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from sam2_session.core.types import JobState

GREEN = "#00ff00"


class BatchSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Choices for a whole batch.

    `offset` is the number of its first frame in exports. Items before `start_item` are handed to
    nobody. With `carry_names` an item begins with the instances of the one before.
    """

    offset: int = 0
    background: str = GREEN
    start_item: int = 1
    carry_names: bool = False


class ClearedFrame(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A frame of which a reset removed the prompts."""

    instance_id: int
    region: str
    frame_idx: int


class ItemMarks(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Decisions of people about a video, and why its last processing failed."""

    saved: bool = False
    skipped: bool = False
    rejected: str | None = None  # the reason
    note: str = ""
    error: dict[str, Any] | None = None


class BatchItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One video of a batch; `before_reset` and `cleared` are there to undo its last reset."""

    video_id: str
    marks: ItemMarks = ItemMarks()
    before_reset: ItemMarks | None = None
    cleared: tuple[ClearedFrame, ...] = ()


class ExportChoice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The export to make after each item."""

    format: str
    options: dict[str, Any]


class Processing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The processing of a batch that began last: the videos, and those that are behind it."""

    job_id: str
    video_ids: tuple[str, ...]
    ended: tuple[str, ...] = ()
    state: JobState = JobState.QUEUED
    on_hold: bool = False
    export: ExportChoice | None = None

    @property
    def left(self) -> tuple[str, ...]:
        """The videos still to process, in order."""
        ended = set(self.ended)
        return tuple(video_id for video_id in self.video_ids if video_id not in ended)


class Batch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One batch; an item's number is its place, from 1.

    `cut_video_id` is the video that is still cut: the items follow. `cut_frames` are the frames to
    cut at, None while scene cuts are looked for; `cut_id` tells its segments from those of others.
    """

    batch_id: str
    name: str
    created_at: float
    items: tuple[BatchItem, ...] = ()
    settings: BatchSettings = BatchSettings()
    processing: Processing | None = None
    cut_video_id: str | None = None
    cut_frames: tuple[int, ...] | None = None
    cut_id: str = ""
    cut_error: dict[str, Any] | None = None

    def number_of(self, video_id: str) -> int | None:
        """Return the number of a video's item, or None."""
        for number, item in enumerate(self.items, start=1):
            if item.video_id == video_id:
                return number
        return None
