"""How fast a job goes, and so how long it still takes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from sam2_session.runtime import monotonic

WINDOW = 32  # commits the speed is taken over


@dataclass(slots=True)
class Progress:
    """Time and place of the newest commits."""

    frame_idx: int | None = None
    _seen: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def start(self, done: int) -> None:
        """Work begins at this count."""
        self._seen.clear()
        self._seen.append((monotonic(), done))

    def advance(self, done: int, frame_idx: int) -> None:
        """So much is done; this frame was the last."""
        self.frame_idx = frame_idx
        self._seen.append((monotonic(), done))

    def eta_s(self, total: int) -> float | None:
        """Seconds left at the speed of late; None before there is any speed."""
        if len(self._seen) < 2:
            return None
        (start, first), (now, done) = self._seen[0], self._seen[-1]
        if done <= first or now <= start:
            return None
        return round((total - done) * (now - start) / (done - first), 1)
