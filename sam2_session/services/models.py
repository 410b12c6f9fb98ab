"""Choose a model: its checkpoint is fetched and its network loaded in the background."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sam2_session import runtime
from sam2_session.core.errors import Cancelled, SessionError, error_fields
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import JobState
from sam2_session.models.checkpoints import CheckpointStore
from sam2_session.models.registry import ModelSpec, Registry

# Puts a network of these weights into service; the answer holds `device` and `precision`.
Load = Callable[[ModelSpec, Path], Mapping[str, Any]]


log = logging.getLogger(__name__)

JOB_PREFIX = "model-"
UNDER_WAY = ("downloading", "loading")


@dataclass(slots=True)
class _Selection:
    """One request to use a model, from fetch to loaded."""

    spec: ModelSpec
    state: str = "downloading"
    done: int = 0
    total: int = 0
    error: dict[str, Any] | None = None
    cancelled: runtime.Signal = field(default_factory=runtime.Signal)


class ModelService:
    """The models, and the one in use. The newest selection wins; it cancels an unfinished one."""

    def __init__(
        self,
        registry: Registry,
        store: CheckpointStore,
        bus: EventBus,
        load: Load,
        exchanged: Callable[[], None] = lambda: None,
    ) -> None:
        self._registry = registry
        self._store = store
        self._bus = bus
        self._load = load
        self._exchanged = exchanged
        self._lock = runtime.Lock()
        self._busy = runtime.Lock()  # one selection loads at a time
        self._selections: dict[str, _Selection] = {}
        self._threads: list[runtime.Thread] = []
        self._current: dict[str, Any] | None = None

    @property
    def current(self) -> dict[str, Any] | None:
        """``{name, demo, device, precision}`` of the model in use, None before the first."""
        return self._current

    def is_loading(self) -> bool:
        """Whether a model is on its way."""
        return any(one.state in UNDER_WAY for one in self._selections.values())

    def list(self) -> dict[str, Any]:
        """Every model and how far it is."""
        return {"models": [self._row(spec) for spec in self._registry.specs]}

    def select(self, name: str) -> dict[str, Any]:
        """Begin to use this model; the answer is its row, progress follows as events."""
        spec = self._registry.get(name)
        with self._lock:
            under_way = {n for n, one in self._selections.items() if one.state in UNDER_WAY}
            in_use = self._current is not None and self._current["name"] == name
            if name not in under_way and not (in_use and not under_way):
                self._begin(spec)
        return self._row(spec)

    def cancel(self, name: str) -> None:
        """Stop fetching this model; what arrived is kept."""
        spec = self._registry.get(name)
        if selection := self._selections.get(spec.name):
            selection.cancelled.set()

    def cancel_job(self, job_id: str) -> dict[str, Any] | None:
        """Stop the download that goes by this job's id; None if it is no download's."""
        name = job_id.removeprefix(JOB_PREFIX) if isinstance(job_id, str) else job_id
        selection = self._selections.get(name)
        if name == job_id or selection is None:
            return None
        self.cancel(name)
        return _job(selection)

    def close(self) -> None:
        """Stop what is being fetched and wait for it."""
        with self._lock:
            for selection in self._selections.values():
                selection.cancelled.set()
            threads, self._threads = self._threads, []
        for thread in threads:
            thread.join()

    def _begin(self, spec: ModelSpec) -> None:
        for other in self._selections.values():
            other.cancelled.set()
        selection = _Selection(spec, total=spec.bytes or 0)
        self._selections[spec.name] = selection
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(runtime.spawn(self._run, selection, name=f"model-{spec.name}"))

    def _run(self, selection: _Selection) -> None:
        ended = RuntimeError("the model's thread ended early")
        try:
            with self._busy:
                self._use(selection)
        except SessionError as error:
            self._fail(selection, error)
        finally:
            if selection.state in UNDER_WAY:  # an unforeseen error is on its way
                self._fail(selection, ended)
            self._announce(selection, EventName.JOB_ENDED)

    def _use(self, selection: _Selection) -> None:
        def progress(done: int, total: int) -> None:
            selection.done, selection.total = done, total
            self._announce(selection, EventName.JOB_PROGRESS)

        path = self._store.ensure(selection.spec, progress, selection.cancelled.is_set)
        if selection.cancelled.is_set():
            raise Cancelled("Another model was chosen.", hint="Select this one again.")
        selection.state = "loading"
        self._announce(selection, EventName.JOB_PROGRESS)
        facts = self._load(selection.spec, path)
        self._current = {
            "name": selection.spec.name,
            "demo": selection.spec.demo,
            "device": facts.get("device"),
            "precision": facts.get("precision"),
        }
        selection.done = selection.total
        selection.state = "selected"
        self._exchanged()
        log.info("%s is in use: %s", selection.spec.name, ", ".join(map(str, facts.values())))

    def _fail(self, selection: _Selection, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            log.error("%s cannot be used: %s", selection.spec.name, error)
        fields = error_fields(error)
        selection.error = {name: fields[name] for name in ("code", "message", "hint")}
        selection.state = "cancelled" if isinstance(error, Cancelled) else "failed"

    def _row(self, spec: ModelSpec) -> dict[str, Any]:
        selection = self._selections.get(spec.name)
        current = self._current if self._current and self._current["name"] == spec.name else {}
        state = self._state(spec, selection)
        return {
            "name": spec.name,
            "label": spec.label or spec.name,
            "state": state,
            "bytes": spec.bytes,
            "demo": spec.demo,
            "device": current.get("device"),
            "precision": current.get("precision"),
            "done": self._done(spec, state, selection),
            "total": selection.total if selection else spec.bytes or 0,
            "error": selection.error if selection else None,
        }

    def _done(self, spec: ModelSpec, state: str, selection: _Selection | None) -> int:
        """Bytes; of a model that is still to be fetched, those a stopped download left."""
        if state == "missing":
            return self._store.kept_bytes(spec)
        return selection.done if selection else 0

    def _state(self, spec: ModelSpec, selection: _Selection | None) -> str:
        if selection and selection.state in (*UNDER_WAY, "failed"):
            return selection.state
        if self._current and self._current["name"] == spec.name:
            return "selected"
        return "ready" if self._store.is_present(spec) else "missing"

    def _announce(self, selection: _Selection, name: EventName) -> None:
        self._bus.publish(Event(name, _job(selection)))


JOB_STATES = {
    "downloading": JobState.RUNNING,
    "loading": JobState.RUNNING,
    "selected": JobState.DONE,
    "failed": JobState.FAILED,
    "cancelled": JobState.CANCELLED,
}


def _job(selection: _Selection) -> dict[str, Any]:
    """A selection in the shape of a job; done and total are bytes."""
    return {
        "job_id": f"{JOB_PREFIX}{selection.spec.name}",
        "kind": "model_download",
        "state": JOB_STATES[selection.state].value,
        "done": selection.done,
        "total": selection.total,
        "eta_s": None,
        "position": None,
        "frame_idx": None,
        "error": selection.error,
        "video_id": None,
        "pairs": [],
    }
