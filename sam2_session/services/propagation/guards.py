"""Signs that a run went astray: the object is lost, its mask swallows the frame, the scene was cut.

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

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.types import MaskFlag, MaskSource, OnGuard, SessionKey
from sam2_session.services.projects.project import Project
from sam2_session.storage.database import Transaction
from sam2_session.storage.job_rows import JobRow
from sam2_session.storage.mask_rows import MaskRow, masks_between
from sam2_session.storage.scene_cuts import SceneCuts

WINDOW = 16  # masks behind, which say how large the object usually is
GROWTH = 4.0  # times that: no object comes so near the camera within a few frames
SHARE = 0.5  # of the frame: small masks may well grow fourfold when a tool comes into view


@dataclass(frozen=True, slots=True)
class Finding:
    """What a new mask shows: its flags, and for those raised just now the first frame they mark."""

    flags: tuple[MaskFlag, ...] = ()
    raised: Mapping[MaskFlag, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why a run pauses: the flag, the first frame it marks, and the pairs it happened to.

    `done` is the job's cursor: every step before it is kept, those after it were not made.
    """

    done: int
    flag: MaskFlag
    frame_idx: int
    keys: tuple[SessionKey, ...]

    def to_wire(self) -> dict[str, Any]:
        """The ``paused`` object of a job."""
        pairs = [{"instance_id": key.instance_id, "region": key.region} for key in self.keys]
        return {"flag": self.flag.value, "frame_idx": self.frame_idx, "pairs": pairs}


@dataclass(frozen=True, slots=True)
class NewMasks:
    """The masks of one step, not yet stored; `done` is the job's cursor after it."""

    done: int
    frame_idx: int
    reverse: bool
    over_cut: bool  # the step went from one shot to another
    rows: Mapping[SessionKey, MaskRow]


@dataclass(slots=True)
class Review:
    """What a batch of steps amounts to: rows to store, stored ones to flag, and where to pause."""

    rows: dict[tuple[SessionKey, int], MaskRow] = field(default_factory=dict)
    late: dict[tuple[SessionKey, int], tuple[MaskFlag, ...]] = field(default_factory=dict)
    alarm: Alarm | None = None


class Watch:
    """Judges the masks of one run, in the order in which it finds them."""

    def __init__(self, project: Project, job: JobRow, lost_frames: int) -> None:
        height, width = project.size_hw
        frame_path = partial(project.workspace.frame_path, project.video_id)
        self._cuts = SceneCuts(frame_path, width)
        self._frame_area = height * width
        self._lost_frames = lost_frames
        self._reach = max(WINDOW, lost_frames)
        self._run = job.run
        self._pauses = job.params.get("on_guard") == OnGuard.PAUSE
        self._total = job.total

    def is_over_cut(self, frame_idx: int, *, reverse: bool) -> bool:
        """Whether the step to this frame leads from one shot to another. Reads frame files."""
        return self._cuts.is_cut(frame_idx + 1 if reverse else frame_idx)

    def review(self, tx: Transaction, steps: Sequence[NewMasks]) -> Review:
        """Flag the masks of these steps, up to where the run pauses."""
        review = Review()
        for step in steps:
            raised: list[tuple[MaskFlag, int, SessionKey]] = []
            for key, row in step.rows.items():
                behind = self._behind(tx, review, key, step)
                finding = judge(row, behind, self._lost_frames, self._frame_area)
                if step.over_cut:
                    cut = MaskFlag.SCENE_CUT
                    finding = Finding((*finding.flags, cut), {**finding.raised, cut: row.frame_idx})
                review.rows[key, row.frame_idx] = replace(row, flags=finding.flags)
                if MaskFlag.LOST in finding.raised:
                    _mark_lost(review, key, behind)
                raised += [(flag, first, key) for flag, first in finding.raised.items()]
            if raised and self._pauses and step.done < self._total:
                review.alarm = _alarm(step.done, raised)
                break
        return review

    def _behind(
        self, tx: Transaction, review: Review, key: SessionKey, step: NewMasks
    ) -> list[MaskRow]:
        """The masks this run came from, nearest first, back to what a person said last."""
        way = 1 if step.reverse else -1
        near, far = step.frame_idx + way, step.frame_idx + way * self._reach
        stored = masks_between(tx, key, min(near, far), max(near, far))
        known = {row.frame_idx: row for row in stored}
        behind = []
        for frame_idx in range(near, far + way, way):
            row = review.rows.get((key, frame_idx)) or known.get(frame_idx)
            if row and (key, frame_idx) in review.late:
                row = replace(row, flags=(*review.late[key, frame_idx], *row.flags))
            if row is None or (row.run != self._run and row.source is not MaskSource.HUMAN):
                break
            behind.append(row)
            if row.source is MaskSource.HUMAN:
                break
        return behind


def judge(row: MaskRow, behind: Sequence[MaskRow], lost_frames: int, frame_area: int) -> Finding:
    """Compare a new mask with those behind it, nearest first."""
    flags: dict[MaskFlag, int | None] = {}  # and the first frame, where it is raised now
    streak = _lost_streak([row, *behind])
    if lost_frames and len(streak) >= lost_frames:
        known = any(MaskFlag.LOST in one.flags for one in streak[1:])
        flags[MaskFlag.LOST] = None if known else streak[-1].frame_idx
    if behind and row.facts.area > SHARE * frame_area:
        known = MaskFlag.SWALLOW in behind[0].flags
        if known or row.facts.area > GROWTH * _usual_area(behind):
            flags[MaskFlag.SWALLOW] = None if known else row.frame_idx
    return Finding(tuple(flags), {flag: idx for flag, idx in flags.items() if idx is not None})


def parse_on_guard(value: Any) -> OnGuard:
    """What a run shall do at a flag; it goes on when nothing is said."""
    try:
        return OnGuard(value or "go_on")
    except ValueError:
        raise InvalidRequest("on_guard is go_on or pause.") from None


def _lost_streak(rows: Sequence[MaskRow]) -> list[MaskRow]:
    return list(takewhile(_is_empty, rows))


def _is_empty(row: MaskRow) -> bool:
    """SAM 2 empties the mask at an object score below 0; what a person left empty is meant so."""
    return row.facts.area == 0 and row.source is not MaskSource.HUMAN


def _usual_area(behind: Sequence[MaskRow]) -> float:
    """0 where nothing was seen for as long as one looks back: what comes then is sudden, too."""
    areas = [
        one.facts.area
        for one in behind[:WINDOW]
        if one.facts.area and MaskFlag.SWALLOW not in one.flags
    ]
    return median(areas) if areas else 0.0


def _mark_lost(review: Review, key: SessionKey, behind: Sequence[MaskRow]) -> None:
    """The masks before the one that made it certain, stored ones too."""
    for row in _lost_streak(behind):
        place = (key, row.frame_idx)
        if place in review.rows:
            review.rows[place] = replace(row, flags=(MaskFlag.LOST, *row.flags))
        else:
            review.late[place] = (MaskFlag.LOST,)


def _alarm(done: int, raised: Sequence[tuple[MaskFlag, int, SessionKey]]) -> Alarm:
    """The gravest flag of a step: a cut explains what else happens there."""
    flag = max((flag for flag, _, _ in raised), key=list(MaskFlag).index)
    first = min(idx for one, idx, _ in raised if one is flag)
    return Alarm(done, flag, first, tuple(key for one, _, key in raised if one is flag))
