"""Estimates the remaining time of a job from the speed of its last steps."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from sam2_session.runtime import monotonic

WINDOW = 32  # steps to measure the speed over


@dataclass(slots=True)
class Progress:
    """The frame of the newest step, and the times of the last `WINDOW` steps."""

    frame_idx: int | None = None
    _times: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def start(self, done: int) -> None:
        """Start measuring at this count of finished steps."""
        self._times.clear()
        self._times.append((monotonic(), done))

    def advance(self, done: int, frame_idx: int) -> None:
        """Note that `done` steps are finished, the last one on this frame."""
        self.frame_idx = frame_idx
        self._times.append((monotonic(), done))

    def eta_s(self, total: int) -> float | None:
        """Return the seconds left at the recent speed; None before the second step."""
        if len(self._times) < 2:
            return None
        (start_s, first), (now_s, done) = self._times[0], self._times[-1]
        if done <= first or now_s <= start_s:
            return None
        return round((total - done) * (now_s - start_s) / (done - first), 1)
