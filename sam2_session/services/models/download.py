"""One model on its way into use, as a job: fetch its checkpoint, load its network."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sam2_session.core.errors import Cancelled, error_fields
from sam2_session.core.types import JobState
from sam2_session.models.registry import ModelSpec
from sam2_session.runtime import Signal
from sam2_session.services.jobs.job import job_to_wire

KIND = "model_download"


class ModelState(StrEnum):
    """State of a chosen model, as the list of models names it."""

    DOWNLOADING = "downloading"
    LOADING = "loading"
    SELECTED = "selected"
    FAILED = "failed"
    CANCELLED = "cancelled"


JOB_STATES = {
    ModelState.DOWNLOADING: JobState.RUNNING,
    ModelState.LOADING: JobState.RUNNING,
    ModelState.SELECTED: JobState.DONE,
    ModelState.FAILED: JobState.FAILED,
    ModelState.CANCELLED: JobState.CANCELLED,
}


@dataclass(slots=True, eq=False)
class ModelDownload:
    """A job of no video; `done` and `total` are bytes."""

    spec: ModelSpec
    model_state: ModelState = ModelState.DOWNLOADING
    done: int = 0
    total: int = 0
    error: dict[str, Any] | None = None
    cancelled: Signal = field(default_factory=Signal)

    @property
    def job_id(self) -> str:
        """``model-`` and the model's name; choosing it again takes the id over."""
        return f"model-{self.spec.name}"

    @property
    def kind(self) -> str:
        return KIND

    @property
    def video_id(self) -> None:
        return None

    @property
    def state(self) -> JobState:
        return JOB_STATES[self.model_state]

    @property
    def position(self) -> None:
        return None

    @property
    def is_under_way(self) -> bool:
        """Return whether it is being fetched or loaded."""
        return self.model_state in (ModelState.DOWNLOADING, ModelState.LOADING)

    def to_wire(self) -> dict[str, Any]:
        facts = {"done": self.done, "total": self.total, "error": self.error}
        return job_to_wire(self, self.state, facts)

    def cancel(self) -> None:
        """Stop fetching; what arrived is kept for the next try."""
        self.cancelled.set()

    def fail(self, error: BaseException) -> None:
        """Note why it will not be used; `Cancelled` is no failure."""
        fields = error_fields(error)
        self.error = {name: fields[name] for name in ("code", "message", "hint")}
        is_cancelled = isinstance(error, Cancelled)
        self.model_state = ModelState.CANCELLED if is_cancelled else ModelState.FAILED
