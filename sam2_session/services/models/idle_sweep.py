"""Frees the memory of sessions and image features that nobody has used for a while."""

from __future__ import annotations

from contextlib import suppress

from sam2_session.core.errors import EngineClosed
from sam2_session.inference.engine import EngineSlot
from sam2_session.inference.scheduler import Priority
from sam2_session.loops import Loop
from sam2_session.runtime import Signal

SWEEPS = 4  # for each time that something may stay unused


class IdleSweep:
    """Sweeps in a thread of its own; what it drops comes back as it was when it is needed."""

    def __init__(self, slot: EngineSlot, idle_s: float) -> None:
        self._slot = slot
        self._idle_s = idle_s  # 0: never
        self._closed = Signal()
        self._loop: Loop | None = None

    def start(self) -> None:
        """Begin to sweep, unless that is turned off."""
        if self._idle_s:
            self._loop = Loop(self._sweep, name="idle-sweep")

    def close(self) -> None:
        """Stop sweeping."""
        self._closed.set()
        if self._loop is not None:
            self._loop.join()

    def _sweep(self) -> bool:
        if self._closed.wait(self._idle_s / SWEEPS):
            return False
        with suppress(EngineClosed):  # the model is being exchanged
            self._slot.submit(Priority.IDLE, lambda engine: engine.drop_unused(self._idle_s))
        return True
