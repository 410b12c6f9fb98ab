"""Lists the cells of a review: frames by pairs, with what is known of each mask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sam2_session.core.errors import SessionError
from sam2_session.core.types import SessionKey
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import prompted_digests
from sam2_session.storage.instance_rows import list_instances
from sam2_session.storage.mask_rows import MaskRow, masks_between

UNSURE_BELOW = 2.0  # log-odds, 88 %: the page calls lower scores unsure


class CellState(StrEnum):
    """The state of a cell in a review."""

    WAITING = "waiting"  # a mask that nobody approved or rejected
    APPROVED = "approved"
    REJECTED = "rejected"
    MISSING = "missing"  # no mask


@dataclass(frozen=True, slots=True)
class _Column:
    """The masks of one pair on a stretch of frames."""

    key: SessionKey
    masks: Mapping[int, MaskRow]
    prompted: frozenset[int]
    stale: frozenset[int]

    def is_notable(self, frame_idx: int) -> bool:
        """Return whether a person has done something here, or should have a look."""
        mask = self.masks.get(frame_idx)
        if mask is None:
            return frame_idx in self.prompted
        is_unsure = mask.score is not None and mask.score < UNSURE_BELOW
        marked = bool(mask.flags) or mask.absent or mask.rejection is not None
        return frame_idx in self.prompted or marked or is_unsure

    def cell(self, frame_idx: int) -> dict[str, Any]:
        """Describe one cell; the facts of its mask are left out where there is none."""
        mask = self.masks.get(frame_idx)
        return {
            **self.key.to_wire(),
            "frame_idx": frame_idx,
            "state": _state_of(mask).value,
            "prompted": frame_idx in self.prompted,
            **({**mask.to_wire(), "stale": frame_idx in self.stale} if mask else {}),
        }


class CellService:
    """Reads cells page by page; a page never holds more than `limit` of them, or one frame's."""

    def __init__(self, projects: Projects, staleness: Staleness) -> None:
        self._projects = projects
        self._staleness = staleness

    def of_video(
        self, video_id: str, *, start: int = 0, end: int | None = None, every: int = 1, limit: int
    ) -> dict[str, Any]:
        """List the cells from frame `start` to `end`, by frame, then by pair.

        Of frames with nothing to say only multiples of `every` are listed; prompted, flagged,
        absent, rejected and unsure ones always are. `next` is the `start` of the next page.
        """
        project = self._projects.get(video_id)
        num_frames = project.num_frames
        last = num_frames - 1 if end is None else min(end, num_frames - 1)
        pairs = project.pairs()
        reach = start + max(1, limit // max(1, len(pairs))) * every - 1
        reached = min(last, reach)
        columns = [self._column(project, key, start, reached) for key in pairs]
        cells: list[dict[str, Any]] = []
        following = reached + 1 if columns and reached < last else None
        for frame_idx in range(start, reached + 1):
            if frame_idx % every and not any(column.is_notable(frame_idx) for column in columns):
                continue
            if cells and len(cells) + len(columns) > limit:
                following = frame_idx
                break
            cells += [column.cell(frame_idx) for column in columns]
        return {"videos": [self._video(video_id)], "cells": cells, "next": following}

    def of_items(self, items: Sequence[Mapping[str, Any]], *, start: int, limit: int) -> Any:
        """List the cells of a batch's items from number `start` on, `limit` items at most.

        Each item is shown by its first prompted frame, or its first one. `items` are those of the
        batch, as on the wire. An item whose annotations cannot be read says why.
        """
        page = [item for item in items if item["item"] >= start][:limit]
        videos, cells = [], []
        for item in page:
            number = item["item"]
            try:
                video, found = self._video(item["video_id"]), self._first_cells(item["video_id"])
            except SessionError as error:
                video = {"video_id": item["video_id"], "name": item["name"]}
                video |= {"num_frames": 0, "width": 0, "height": 0, "instances": []}
                video, found = {**video, "error": error.to_wire()}, []
            videos.append({**video, "item": number, "item_state": item["state"]})
            cells += [{"item": number, **cell} for cell in found or [_empty_cell(video)]]
        is_last = not page or page[-1]["item"] == items[-1]["item"]
        following = None if is_last else page[-1]["item"] + 1
        return {"videos": videos, "cells": cells, "next": following}

    def _first_cells(self, video_id: str) -> list[dict[str, Any]]:
        if not self._projects.workspace.database_path(video_id).exists():
            return []  # nobody opened it yet
        project = self._projects.get(video_id)
        pairs = project.pairs()
        prompted = [frame for key in pairs for frame in _prompted(project, key)[:1]]
        frame_idx = min(prompted, default=0)
        return [self._column(project, key, frame_idx, frame_idx).cell(frame_idx) for key in pairs]

    def _column(self, project: Project, key: SessionKey, first: int, last: int) -> _Column:
        stale_runs = self._staleness.stale_runs(project, key)

        def read(tx: Transaction) -> list[MaskRow]:
            return masks_between(tx, key, first, last)

        masks = {row.frame_idx: row for row in project.db.read(read)}
        is_stale = self._staleness.is_stale
        stale = frozenset(idx for idx, row in masks.items() if is_stale(row, stale_runs))
        return _Column(key, masks, frozenset(_prompted(project, key)), stale)

    def _video(self, video_id: str) -> dict[str, Any]:
        info = self._projects.videos.info(video_id)
        instances: list[dict[str, Any]] = []
        if self._projects.workspace.database_path(video_id).exists():
            project = self._projects.get(video_id)
            instances = [instance.to_wire() for instance in project.db.read(list_instances)]
        return {
            "video_id": video_id,
            "name": info.name,
            "num_frames": info.num_frames,
            "width": info.width,
            "height": info.height,
            "instances": instances,
            "error": info.error.to_wire() if info.error else None,
        }


def _prompted(project: Project, key: SessionKey) -> list[int]:
    return [frame_idx for frame_idx, _ in project.db.read(lambda tx: prompted_digests(tx, key))]


def _state_of(mask: MaskRow | None) -> CellState:
    if mask is None:
        return CellState.MISSING
    if mask.approved:
        return CellState.APPROVED
    return CellState.WAITING if mask.rejection is None else CellState.REJECTED


def _empty_cell(video: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the first frame of a video that nobody annotated."""
    key = {"video_id": video["video_id"], "instance_id": None, "region": None}
    return {**key, "frame_idx": 0, "state": CellState.MISSING.value, "prompted": False}
