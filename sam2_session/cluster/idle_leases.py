"""Gives back the leases of videos that nobody uses, so that a member keeps but those at work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sam2_session.core.errors import SessionError
from sam2_session.loops import Loop
from sam2_session.runtime import Signal, monotonic

IDLE_S = 600.0  # without a call
LOOK_S = 10.0
AT_ONCE = 32  # leases that are given back between two looks

log = logging.getLogger(__name__)


class IdleLeases:
    """Knows when each held video was used last; for any thread."""

    def __init__(
        self,
        held: Callable[[], Sequence[str]],
        is_busy: Callable[[str], bool],
        release: Callable[[str], object],
    ) -> None:
        self._held = held
        self._is_busy = is_busy
        self._release = release
        self._used_s: dict[str, float] = {}
        self._closing = Signal()
        self._loop = Loop(self._look, name="idle-leases")

    def note_use(self, video_id: str) -> None:
        """Note that a call for a video came."""
        self._used_s[video_id] = monotonic()

    def by_last_use(self) -> list[str]:
        """Return the held videos, those that were not used for longest first."""
        return sorted(self._held(), key=lambda video_id: self._used_s.get(video_id, 0.0))

    def give_back(self) -> None:
        """Give back what was not used for a while and has nothing going on."""
        before_s = monotonic() - IDLE_S
        idle = [v for v in self.by_last_use() if self._used_s.get(v, 0.0) < before_s]
        for video_id in [v for v in idle if not self._is_busy(v)][:AT_ONCE]:
            try:
                self._release(video_id)
            except SessionError as error:
                log.info("%s keeps its lease: %s", video_id, error.message)
        for video_id in set(self._used_s) - set(self._held()):
            self._used_s.pop(video_id, None)

    def close(self) -> None:
        """Give back no more."""
        self._closing.set()
        self._loop.join()

    def _look(self) -> bool:
        if self._closing.wait(LOOK_S):
            return False
        self.give_back()
        return True
