"""The shape of a job: the same keys for every kind, on the wire and in the registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sam2_session.core.types import JobState


class Job(Protocol):
    """One piece of long work: a run, an export, an import, a model download."""

    @property
    def job_id(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def video_id(self) -> str | None:
        """The video it works on; None if it belongs to none."""

    @property
    def state(self) -> JobState: ...

    @property
    def position(self) -> int | None:
        """Its place in its queue while it waits, 1 is next; else None."""

    def to_wire(self) -> dict[str, Any]:
        """Every fact about it, made by `job_to_wire`."""

    def cancel(self) -> None:
        """Ask it to stop: at once while it waits, else after its next step."""


def job_to_wire(job: Job, state: JobState, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a job as every list, answer and event shows it.

    `facts` fill in what this kind knows; a key that means nothing to it stays null.
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
        "on_guard": None,
        "format": None,
        "label": None,
        "import_id": None,
        "note": None,
        **facts,
    }
