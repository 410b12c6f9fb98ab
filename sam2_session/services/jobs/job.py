"""Describes jobs of every kind with the same keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sam2_session.core.types import JobState


class Job(Protocol):
    """A long-running task: a run, an export, an import or a model download."""

    @property
    def job_id(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def video_id(self) -> str | None:
        """The video of the job; None for a model download."""

    @property
    def state(self) -> JobState: ...

    @property
    def position(self) -> int | None:
        """The position in its queue while it waits, 1 is next; otherwise None."""

    def to_wire(self) -> dict[str, Any]:
        """Describe the job, by `job_to_wire`."""

    def cancel(self) -> None:
        """Request a stop: at once if the job waits, otherwise after its current step."""


def job_to_wire(job: Job, state: JobState, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a job as lists, answers and events show it.

    `facts` are the keys that this kind of job uses; all others keep their defaults.
    """
    return {
        "job_id": job.job_id,
        "kind": job.kind,
        "state": state.value,
        "video_id": job.video_id,
        "position": job.position,
        "done": 0,
        "total": 0,
        "eta_s": None,
        "frame_idx": None,
        "error": None,
        "paused": None,
        "client_id": None,
        "pairs": [],
        "start": None,
        "end": None,
        "direction": None,
        "from_frame": None,
        "on_guard": None,
        "approved": None,
        "made": None,
        "kept": None,
        "hidden": None,
        "mode": None,
        "tracked": None,
        "reach": None,
        "format": None,
        "label": None,
        "import_id": None,
        "note": None,
        "undo_at": None,
        **facts,
    }
