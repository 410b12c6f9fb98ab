"""Shapes of answers for the API documents: runs, and what was before them.

Services build their answers as plain dictionaries, which nothing checks against these at run time;
further fields may come at any time.
"""

from __future__ import annotations

from msgspec import Struct

from sam2_session.core.types import Direction, JobState, RunMode
from sam2_session.services.operations.work_answers import PausedPair, UndoPlace


class Run(Struct):
    """A run; `job_id` and `state` are those of its newest job, if it went on after a stop.

    `frames` counts the frames it visited, `prompts` the prompted frames it followed from. The other
    numbers count masks: `made`, `kept` since a person approved them, `replaced`, `restorable` by a
    roll-back now, and `dropped` for room, so that they can no longer be taken back.
    """

    run: int
    job_id: str
    state: JobState
    created_at: float
    client: str | None
    client_id: str | None
    pairs: list[PausedPair]
    start: int
    end: int
    direction: Direction
    mode: RunMode
    from_frame: int | None
    model: str | None
    prompts: int
    took_s: float | None
    frames: int
    made: int | None
    kept: int | None
    replaced: int
    restorable: int
    dropped: int
    rolled_back: bool


class Runs(Struct):
    """The runs of a video, newest first, and the size of all masks kept to roll them back."""

    runs: list[Run]
    bytes: int


class ComparedPair(Struct):
    """The IoU of a pair's masks before and after a run, as [frame_idx, iou]."""

    instance_id: int
    region: str
    ious: list[tuple[int, float]]


class Comparison(Struct):
    """A run beside what was before it, for each pair."""

    run: int
    pairs: list[ComparedPair]


class LaterRun(Struct):
    """A later run, and how many of the masks it wrote over: they stay."""

    run: int
    masks: int


class RolledBack(Struct):
    """The change, the number of frames, and the place where one undo takes it back.

    `gone` counts masks that stay, since those before them were dropped for room. `rev`, `frames`
    and `undo_at` are null while a long roll-back goes on as its job.
    """

    rev: int | None
    frames: int | None
    job_id: str
    undo_at: UndoPlace | None
    later: list[LaterRun]
    gone: int
    notes: list[str]
