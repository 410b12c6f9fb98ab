"""Replaces the derived keypoints of a span of frames in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from sam2_session.core.types import Keypoint
from sam2_session.services.projects.project import Project
from sam2_session.services.prompts.keypoint_corrections import placed_of
from sam2_session.services.prompts.keypoint_states import dump
from sam2_session.services.prompts.keypoint_steps import by_frame, without_derived
from sam2_session.storage import history_rows
from sam2_session.storage.database import Transaction
from sam2_session.storage.keypoint_rows import list_keypoints, new_keypoint_id, replace_on_frame
from sam2_session.storage.op_rows import next_rev

Places = Mapping[str, Mapping[int, tuple[float, float]]]  # by name and frame; x, y in source px


class Span(Protocol):
    """The names and frames whose derived keypoints are replaced; see `Task`."""

    @property
    def instance_id(self) -> int: ...
    @property
    def names(self) -> frozenset[str]: ...
    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...
    @property
    def client_id(self) -> str | None: ...
    @property
    def action(self) -> int | None: ...


@dataclass(slots=True)
class Carried:
    """The frames that changed, and how many of the span have no place for one of the names."""

    rev: int = 0
    frames: list[int] = field(default_factory=list)
    hidden: int = 0


def commit(
    project: Project, span: Span, placed: Sequence[Keypoint], found: Places
) -> Carried | None:
    """Store the places found; None, and no change, if other keypoints are placed by now.

    All frames are one action to undo, together with the change that the span follows. Hold the
    project's lock.
    """

    def change(tx: Transaction) -> Carried | None:
        known = list_keypoints(tx, span.instance_id)
        if placed_of(known, span.names) != list(placed):
            return None
        carried = Carried(hidden=_count_hidden(span, placed, found))
        next_id = new_keypoint_id(tx)
        grouped = by_frame(known)
        for frame_idx in range(span.first, span.last + 1):
            before = grouped.get(frame_idx, [])
            after = _after(before, span.names, found, frame_idx)
            next_id, after = _numbered(after, next_id)
            if after == before:
                continue
            carried.rev = carried.rev or next_rev(tx)
            at = (span.instance_id, None, frame_idx)
            action = span.action or carried.rev
            history_rows.push(tx, at, dump(before), dump(after), span.client_id, action=action)
            replace_on_frame(tx, span.instance_id, frame_idx, after)
            carried.frames.append(frame_idx)
        return carried

    return project.db.write(change)


def _after(
    before: Sequence[Keypoint], names: frozenset[str], found: Places, frame_idx: int
) -> list[Keypoint]:
    """Build the state of a frame; a derived keypoint that is there already keeps its id."""
    ids = {point.name: point.keypoint_id for point in before if point.derived}
    taken = {point.name for point in before if not point.derived}
    carried = [
        Keypoint(ids.get(name, 0), frame_idx, *places[frame_idx], name, derived=True)
        for name, places in found.items()
        if frame_idx in places and name not in taken
    ]
    return without_derived(before, names) + carried


def _numbered(keypoints: Sequence[Keypoint], next_id: int) -> tuple[int, list[Keypoint]]:
    """Number new keypoints, and order all by their ids, as they are stored."""
    numbered = []
    for point in keypoints:
        if not point.keypoint_id:
            point, next_id = replace(point, keypoint_id=next_id), next_id + 1
        numbered.append(point)
    return next_id, sorted(numbered, key=lambda point: point.keypoint_id)


def _count_hidden(span: Span, placed: Sequence[Keypoint], found: Places) -> int:
    """Count the frames on which a name has no place, though it is placed somewhere."""
    there = {(point.name, point.frame_idx) for point in placed}
    names = {point.name for point in placed if point.visible}
    return sum(
        any((name, idx) not in there and idx not in found.get(name, {}) for name in names)
        for idx in range(span.first, span.last + 1)
    )
