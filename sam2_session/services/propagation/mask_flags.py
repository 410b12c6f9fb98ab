"""Flags masks that look wrong: the object is lost, the mask swallows the frame, the scene was cut.

Every flag follows from stored masks and frame files alone, so that a run which goes on after a stop
or a kill raises the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from statistics import median
from typing import Any

from sam2_session.core.types import MaskFlag, MaskSource, OnGuard, SessionKey
from sam2_session.services.projects.project import Project
from sam2_session.storage.database import Transaction
from sam2_session.storage.job_rows import JobRow
from sam2_session.storage.mask_rows import MaskRow, masks_between
from sam2_session.storage.reduced_frames import ReducedFrames
from sam2_session.storage.scene_cuts import SceneCuts

WINDOW = 16  # earlier masks that show the usual size of the object
GROWTH = 4.0  # times the usual size: no object comes that near within a few frames
SHARE = 0.5  # of the frame: small masks may grow fourfold, as when a tool comes into view


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags of a new mask, and the first frame of each flag that it raised."""

    flags: tuple[MaskFlag, ...] = ()
    raised: Mapping[MaskFlag, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pause:
    """The reason for a pause: the flag, the first frame with it, and the pairs concerned.

    `done` is the job's cursor: every frame before it is kept, those after it were not made.
    """

    done: int
    flag: MaskFlag
    frame_idx: int
    keys: tuple[SessionKey, ...]

    def to_wire(self) -> dict[str, Any]:
        """Describe it as the ``paused`` object of a job."""
        pairs = [{"instance_id": key.instance_id, "region": key.region} for key in self.keys]
        return {"flag": self.flag.value, "frame_idx": self.frame_idx, "pairs": pairs}


@dataclass(frozen=True, slots=True)
class NewMasks:
    """The masks of one visited frame, not yet stored; `done` is the job's cursor after it."""

    done: int
    frame_idx: int
    reverse: bool
    over_cut: bool  # the frame before, in the run's direction, is another shot
    rows: Mapping[SessionKey, MaskRow]


@dataclass(slots=True)
class FlaggedMasks:
    """New rows with their flags, late flags for stored masks, and the pause if there is one."""

    rows: dict[tuple[SessionKey, int], MaskRow] = field(default_factory=dict)
    late: dict[tuple[SessionKey, int], tuple[MaskFlag, ...]] = field(default_factory=dict)
    pause: Pause | None = None


class FlagFinder:
    """Flags the masks of one run, in the order in which it makes them."""

    def __init__(self, project: Project, job: JobRow, lost_frames: int) -> None:
        height, width = project.size_hw
        frame_path = partial(project.workspace.frame_path, project.video_id)
        self.frames = ReducedFrames(frame_path, width)
        self._cuts = SceneCuts(self.frames)
        self._frame_area = height * width
        self._lost_frames = lost_frames
        self._reach = max(WINDOW, lost_frames)
        self._run = job.run
        self._pauses = job.params.get("on_guard") == OnGuard.PAUSE
        self._total = job.total

    def is_over_cut(self, frame_idx: int, *, reverse: bool) -> bool:
        """Return whether the run crosses a scene cut to reach this frame. Reads frame files."""
        return self._cuts.is_cut(frame_idx + 1 if reverse else frame_idx)

    def flag(self, tx: Transaction, frames: Sequence[NewMasks]) -> FlaggedMasks:
        """Flag the masks of these frames, up to the one at which the run pauses."""
        flagged = FlaggedMasks()
        for new in frames:
            raised: list[tuple[MaskFlag, int, SessionKey]] = []
            for key, row in new.rows.items():
                behind = self._behind(tx, flagged, key, new)
                found = flags_of(row, behind, self._lost_frames, self._frame_area)
                if new.over_cut:
                    cut = MaskFlag.SCENE_CUT
                    found = Flags((*found.flags, cut), {**found.raised, cut: row.frame_idx})
                flagged.rows[key, row.frame_idx] = replace(row, flags=found.flags)
                if MaskFlag.LOST in found.raised:
                    _mark_lost(flagged, key, row, behind)
                raised += [(flag, first, key) for flag, first in found.raised.items()]
            if raised and self._pauses and new.done < self._total:
                flagged.pause = _pause(new.done, raised)
                break
        return flagged

    def _behind(
        self, tx: Transaction, flagged: FlaggedMasks, key: SessionKey, new: NewMasks
    ) -> list[MaskRow]:
        """Read the masks this run came from, nearest first, back to the last human one.

        Approved masks that it kept on its way are among them.
        """
        way = 1 if new.reverse else -1
        near, far = new.frame_idx + way, new.frame_idx + way * self._reach
        stored = masks_between(tx, key, min(near, far), max(near, far))
        known = {row.frame_idx: row for row in stored}
        behind = []
        for frame_idx in range(near, far + way, way):
            row = flagged.rows.get((key, frame_idx)) or known.get(frame_idx)
            if row and (key, frame_idx) in flagged.late:
                row = replace(row, flags=(*flagged.late[key, frame_idx], *row.flags))
            if row is None or (row.run != self._run and not _is_checked(row)):
                break
            behind.append(row)
            if row.source is MaskSource.HUMAN:
                break
        return behind


def flags_of(row: MaskRow, behind: Sequence[MaskRow], lost_frames: int, frame_area: int) -> Flags:
    """Compare a new mask with the masks behind it, nearest first; `frame_area` in pixels."""
    flags: dict[MaskFlag, int | None] = {}  # with the first frame of a newly raised flag
    streak = [row, *_lost_before(row, behind)] if _is_empty(row) else []
    if lost_frames and len(streak) >= lost_frames:
        known = any(MaskFlag.LOST in earlier.flags for earlier in streak[1:])
        flags[MaskFlag.LOST] = None if known else streak[-1].frame_idx
    if behind and row.facts.area > SHARE * frame_area:
        known = MaskFlag.SWALLOW in behind[0].flags
        if known or row.facts.area > GROWTH * _usual_area(behind):
            flags[MaskFlag.SWALLOW] = None if known else row.frame_idx
    return Flags(tuple(flags), {flag: idx for flag, idx in flags.items() if idx is not None})


def _lost_before(row: MaskRow, behind: Sequence[MaskRow]) -> list[MaskRow]:
    """Return the empty masks right behind this one; masks kept from another run end them."""
    return list(takewhile(lambda other: _is_empty(other) and other.run == row.run, behind))


def _is_empty(row: MaskRow) -> bool:
    """Return whether the model found no object; masks that a person left empty do not count."""
    return row.facts.area == 0 and row.source is not MaskSource.HUMAN


def _is_checked(row: MaskRow) -> bool:
    """Return whether a person made or approved the mask."""
    return row.source is MaskSource.HUMAN or row.approved


def _usual_area(behind: Sequence[MaskRow]) -> float:
    """Return the median area of the earlier masks; 0 if all are empty, so any mask is sudden."""
    areas = [
        row.facts.area
        for row in behind[:WINDOW]
        if row.facts.area and MaskFlag.SWALLOW not in row.flags
    ]
    return median(areas) if areas else 0.0


def _mark_lost(
    flagged: FlaggedMasks, key: SessionKey, raising: MaskRow, behind: Sequence[MaskRow]
) -> None:
    """Flag the whole streak of empty masks before the mask that raised LOST, stored ones too."""
    for row in _lost_before(raising, behind):
        at = (key, row.frame_idx)
        if at in flagged.rows:
            flagged.rows[at] = replace(row, flags=(MaskFlag.LOST, *row.flags))
        else:
            flagged.late[at] = (MaskFlag.LOST,)


def _pause(done: int, raised: Sequence[tuple[MaskFlag, int, SessionKey]]) -> Pause:
    """Pause for the gravest flag of a frame; a cut explains all others."""
    gravest = max((flag for flag, _, _ in raised), key=list(MaskFlag).index)
    alike = [(first, key) for flag, first, key in raised if flag is gravest]
    first = min(frame_idx for frame_idx, _ in alike)
    return Pause(done, gravest, first, tuple(key for _, key in alike))
