"""Frees the memory of sessions and image features that nobody has used for a while."""

from __future__ import annotations

from contextlib import suppress

from sam2_session.core.errors import EngineClosed
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.slot import EngineSlot
from sam2_session.runtime import Signal, Thread, spawn

SWEEPS = 4  # for each time that something may stay unused


class IdleSweep:
    """Sweeps in a thread of its own; what it drops comes back as it was when it is needed."""

    def __init__(self, slot: EngineSlot, idle_s: float) -> None:
        self._slot = slot
        self._idle_s = idle_s  # 0: never
        self._closed = Signal()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to sweep, unless that is turned off."""
        if self._idle_s:
            self._thread = spawn(self._loop, name="idle-sweep")

    def close(self) -> None:
        """Stop sweeping."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _loop(self) -> None:
        while not self._closed.wait(self._idle_s / SWEEPS):
            with suppress(EngineClosed):  # the model is being exchanged
                self._slot.submit(Priority.IDLE, lambda engine: engine.drop_unused(self._idle_s))
