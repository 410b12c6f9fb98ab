"""Shapes of answers for the API documents: jobs and models.

Services build their answers as plain dictionaries, which nothing checks against these at run time;
further fields may come at any time.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from sam2_session.core.types import JobState, MaskFlag, OnApproved, RunMode


class ErrorObject(Struct):
    """The shape of every error."""

    code: str
    message: str
    hint: str


class PausedPair(Struct):
    """An (instance, region) pair."""

    instance_id: int
    region: str


class Paused(Struct):
    """Reason of a pause: the flag, the first frame with it, and the pairs concerned."""

    flag: MaskFlag
    frame_idx: int
    pairs: list[PausedPair]


class UndoPlace(Struct):
    """The pair and frame at which one undo takes a whole repair back.

    `region` is null for keypoints, which have a history of their own: undo with its scope.
    """

    instance_id: int
    region: str | None
    frame_idx: int


class JobStarted(Struct):
    """The job that was started."""

    job_id: str
    rev: int | UnsetType = UNSET


class Job(Struct):
    """A long-running task; `done` and `total` count frames, steps or bytes.

    `made` counts the masks that a run wrote, or the frames that a repair or the carrying of
    keypoints changed, `kept` those that it left as they were, since a person made or approved them,
    `hidden` the frames to which a keypoint was not carried. `tracked` counts the frames on which
    a run tracked any pair, `reach` those that a full run would go over.
    """

    job_id: str
    kind: str
    state: JobState
    done: int
    total: int
    eta_s: float | None
    position: int | None
    frame_idx: int | None
    video_id: str | None
    pairs: list[dict[str, Any]]
    error: ErrorObject | None
    paused: Paused | None
    approved: OnApproved | None
    made: int | None
    kept: int | None
    hidden: int | None
    mode: RunMode | None
    tracked: int | None
    reach: int | None
    undo_at: UndoPlace | None


class Jobs(Struct):
    """Every job, oldest first."""

    jobs: list[Job]


class Model(Struct):
    """A model, and the state of its download and loading.

    `frame_s` estimates the seconds of a tracked frame of one pair on this machine, null before a
    model was loaded. Of the model in use `precision_reason` says in words why it has its precision,
    and `threads` how many threads of a CPU it takes.
    """

    name: str
    label: str
    state: Literal["missing", "ready", "downloading", "loading", "selected", "failed"]
    bytes: int | None
    demo: bool
    frame_s: float | None
    device: str | None
    precision: str | None
    precision_reason: str | None
    threads: int | None
    done: int
    total: int
    error: ErrorObject | None


class Models(Struct):
    """Every model."""

    models: list[Model]


class Done(Struct):
    """An answer without fields of its own."""
