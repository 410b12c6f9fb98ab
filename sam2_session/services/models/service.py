"""Puts a chosen model into service: fetched and loaded in the background."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from sam2_session import runtime
from sam2_session.core.errors import Cancelled, ModelUnavailable, SessionError
from sam2_session.core.events import EventName
from sam2_session.models.checkpoints import CheckpointStore
from sam2_session.models.registry import ModelSpec, Registry
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.models.download import ModelDownload, ModelState

# Puts a network of these weights into service; returns its `device`, its `precision` and the reason
# for it, its `threads` on a CPU, and the `gflops_per_s` that the device was measured at.
Load = Callable[[ModelSpec, Path], Mapping[str, Any]]

T = TypeVar("T")
STEP_S = 0.02  # of a frame, however fast the device: reading, launching, drawing

log = logging.getLogger(__name__)


class ModelService:
    """Knows the models and the one in use; the newest choice cancels an unfinished one."""

    def __init__(
        self,
        registry: Registry,
        store: CheckpointStore,
        jobs: JobRegistry,
        load: Load,
        exchanged: Callable[[], None] = lambda: None,
    ) -> None:
        self._registry = registry
        self._store = store
        self._jobs = jobs
        self._load = load
        self._exchanged = exchanged  # called when another model is in use
        self._lock = runtime.Lock()
        self._busy = runtime.Lock()  # one model loads at a time
        self._downloads: dict[str, ModelDownload] = {}  # the newest one of each model
        self._threads: list[runtime.Thread] = []
        self._current: dict[str, Any] | None = None
        self._facts: Mapping[str, Any] = {}  # facts from `load` about the model in use

    @property
    def current(self) -> dict[str, Any] | None:
        """``{name, demo, device, precision}`` of the model in use, None before the first."""
        return self._current

    def is_loading(self) -> bool:
        """Return whether a model is on its way."""
        return any(download.is_under_way for download in self._downloads.values())

    def list(self) -> dict[str, Any]:
        """List every model and how far it is."""
        return {"models": [self._row(spec) for spec in self._registry.specs]}

    def select(self, name: str) -> dict[str, Any]:
        """Begin to use this model; returns its row, progress follows as events of a job."""
        spec = self._registry.get(name)
        with self._lock:
            under_way = {n for n, other in self._downloads.items() if other.is_under_way}
            in_use = self._current is not None and self._current["name"] == name
            if name not in under_way and not (in_use and not under_way):
                self._begin(spec)
        return self._row(spec)

    def require_known(self, name: str) -> None:
        """Raise `ModelNotFound` for a model that is not configured."""
        self._registry.get(name)

    def load_beside(self, name: str, load: Callable[[ModelSpec, Path], T]) -> T:
        """Load a model that is fetched already beside the one in use; waits if one is loading.

        Raises `ModelNotFound`, or `ModelUnavailable` if it is still to be fetched.
        """
        spec = self._registry.get(name)
        path = self._store.path_if_ready(spec)
        if path is None:
            raise ModelUnavailable(
                f"{spec.checkpoint} is not here yet.",
                hint=f"Fetch it with `sam2-session models pull {name}`, or choose it on the page.",
            )
        with self._busy:
            return load(spec, path)

    def cancel(self, name: str) -> None:
        """Stop fetching this model; what arrived is kept."""
        spec = self._registry.get(name)
        if download := self._downloads.get(spec.name):
            download.cancel()

    def close(self) -> None:
        """Stop what is being fetched and wait for it."""
        with self._lock:
            for download in self._downloads.values():
                download.cancel()
            threads, self._threads = self._threads, []
        for thread in threads:
            thread.join()

    def _begin(self, spec: ModelSpec) -> None:
        for other in self._downloads.values():
            other.cancel()
        download = ModelDownload(spec, total=spec.bytes or 0)
        self._downloads[spec.name] = download
        self._jobs.add(download, replace=True)
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(runtime.spawn(self._run, download, name=download.job_id))

    def _run(self, download: ModelDownload) -> None:
        ended = RuntimeError("the model's thread ended early")
        try:
            with self._busy:
                self._use(download)
        except SessionError as error:
            self._fail(download, error)
        finally:
            if download.is_under_way:  # an unforeseen error is on its way
                self._fail(download, ended)
            self._jobs.announce(download, EventName.JOB_ENDED)

    def _use(self, download: ModelDownload) -> None:
        def progress(done: int, total: int) -> None:
            download.done, download.total = done, total
            self._jobs.announce(download)

        spec = download.spec
        path = self._store.ensure(spec, progress, download.cancelled.is_set)
        if download.cancelled.is_set():
            raise Cancelled("Another model was chosen.", hint="Select this one again.")
        download.model_state = ModelState.LOADING
        self._jobs.announce(download)
        facts = self._load(spec, path)
        self._current = {
            "name": spec.name,
            "demo": spec.demo,
            "device": facts.get("device"),
            "precision": facts.get("precision"),
        }
        self._facts = facts
        download.done = download.total
        download.model_state = ModelState.SELECTED
        self._exchanged()
        log.info("%s is in use: %s", spec.name, _in_words(facts))

    def _fail(self, download: ModelDownload, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            log.error("%s cannot be used: %s", download.spec.name, error)
        download.fail(error)

    def _row(self, spec: ModelSpec) -> dict[str, Any]:
        download = self._downloads.get(spec.name)
        current = self._current if self._current and self._current["name"] == spec.name else {}
        state = self._state(spec, download)
        return {
            "name": spec.name,
            "label": spec.label or spec.name,
            "state": state,
            "bytes": spec.bytes,
            "demo": spec.demo,
            "frame_s": self._frame_s(spec),
            "device": current.get("device"),
            "precision": current.get("precision"),
            "precision_reason": self._facts.get("precision_reason") if current else None,
            "threads": self._facts.get("threads") if current else None,
            "done": self._done(spec, state, download),
            "total": download.total if download else spec.bytes or 0,
            "error": download.error if download else None,
        }

    def _frame_s(self, spec: ModelSpec) -> float | None:
        """Estimate the seconds that a tracked frame of one pair takes on this machine."""
        gflops_per_s = self._facts.get("gflops_per_s")
        if gflops_per_s is None or spec.gflops is None:
            return None
        return float(f"{spec.gflops / gflops_per_s + STEP_S:.2g}")

    def _done(self, spec: ModelSpec, state: str, download: ModelDownload | None) -> int:
        """Count bytes; of a model that is still to be fetched, those a stopped download left."""
        if state == "missing":
            return self._store.kept_bytes(spec)
        return download.done if download else 0

    def _state(self, spec: ModelSpec, download: ModelDownload | None) -> str:
        if download and (download.is_under_way or download.model_state is ModelState.FAILED):
            return download.model_state.value
        if self._current and self._current["name"] == spec.name:
            return "selected"
        return "ready" if self._store.is_present(spec) else "missing"


def _in_words(facts: Mapping[str, Any]) -> str:
    """Describe the facts of `Load`: ``on cpu in fp32 (chosen by --precision), 2 threads``."""
    words = (
        f"on {facts.get('device')} in {facts.get('precision')} ({facts.get('precision_reason')})"
    )
    if threads := facts.get("threads"):
        words += f", {threads} threads"
    if gflops_per_s := facts.get("gflops_per_s"):
        words += f", measured at {gflops_per_s:.0f} GFLOP/s"
    return words
