"""Shapes of answers for the API documents: the cells of a review."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from sam2_session.core.types import MaskFlag, MaskSource
from sam2_session.services.operations.annotation_answers import Box, Instance
from sam2_session.services.operations.work_answers import ErrorObject


class CellVideo(Struct):
    """A video that cells belong to; `item` is its number in the batch, `item_state` its state."""

    video_id: str
    name: str
    num_frames: int
    width: int
    height: int
    instances: list[Instance]
    error: ErrorObject | None
    item: int | UnsetType = UNSET
    item_state: str | UnsetType = UNSET


class Cell(Struct):
    """One frame of one pair; the facts of its mask are left out where there is none.

    `instance_id` and `region` are null for an item of a batch that nobody annotated.
    """

    video_id: str
    instance_id: int | None
    region: str | None
    frame_idx: int
    state: Literal["waiting", "approved", "rejected", "missing"]
    prompted: bool
    item: int | UnsetType = UNSET
    rev: int | UnsetType = UNSET
    source: MaskSource | UnsetType = UNSET
    score: float | None | UnsetType = UNSET
    area: int | UnsetType = UNSET
    box: Box | None | UnsetType = UNSET
    run: int | None | UnsetType = UNSET
    stale: bool | UnsetType = UNSET
    approved: bool | UnsetType = UNSET
    rejected: bool | UnsetType = UNSET
    reason: str | None | UnsetType = UNSET
    flags: list[MaskFlag] | UnsetType = UNSET
    absent: bool | UnsetType = UNSET
    cleaned: bool | UnsetType = UNSET


class Cells(Struct):
    """A page of cells; `next` is the `start` of the next page, null after the last."""

    videos: list[CellVideo]
    cells: list[Cell]
    next: int | None
    name: str | UnsetType = UNSET  # of the batch
