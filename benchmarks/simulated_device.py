"""One device of a simulated cluster: serves clicks, and between them the steps of runs."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

BASE_MEMORY, MEMORY_EACH = 0.4, 0.02  # share in use without people, and more for each of them
MAX_OPEN = 64  # videos that stay open: services/projects/project.py


@dataclass(eq=False, slots=True)
class Run:
    """A run of a video: the frames that are left, and when it was asked for."""

    video: int
    frames: int
    asked_s: float


@dataclass(eq=False, slots=True)
class Device:
    """Times are seconds; one run at a time, those that wait in their order."""

    name: str
    step_s: float
    click_s: float
    videos: dict[int, None] = field(default_factory=dict)
    viewers: int = 0
    opened: int = 0  # videos ever
    rests_until_s: float = 0.0
    draining: bool = False
    waiting: deque[Run] = field(default_factory=deque)
    run: Run | None = None
    run_ends_s: float = 0.0
    run_waits_s: list[float] = field(default_factory=list)
    busy_s: float = 0.0
    _clicks_until_s: float = 0.0

    def click(self, now_s: float, dice: random.Random) -> float:
        """Serve a click; return how long its mask takes. A step of a run is not interrupted."""
        step_left_s = dice.uniform(0, self.step_s) if self.run else 0.0
        begins_s = max(now_s + step_left_s, self._clicks_until_s)
        self._clicks_until_s = begins_s + self.click_s
        self.run_ends_s += self.click_s
        self.busy_s += self.click_s
        return self._clicks_until_s - now_s

    def use(self, video: int) -> None:
        """Put a video behind those that were not used for longer."""
        if video in self.videos:
            self.videos[video] = self.videos.pop(video)

    def has_runs(self, video: int) -> bool:
        """Return whether a video has a run."""
        runs = [*self.waiting, *([self.run] if self.run else [])]
        return any(run.video == video for run in runs)

    def ask(self, run: Run) -> None:
        """Queue a run."""
        self.waiting.append(run)

    def begin_next(self, now_s: float) -> float | None:
        """Begin the next run; return when it ends, None if there is none or one is under way."""
        if self.run is not None or not self.waiting:
            return None
        self.run = run = self.waiting.popleft()
        self.run_waits_s.append(now_s - run.asked_s)
        took_s = run.frames * self.step_s
        self.busy_s += took_s
        self.run_ends_s = now_s + took_s
        return self.run_ends_s

    def take_away(self, video: int, now_s: float) -> list[Run]:
        """Give a video up with its runs, which go on elsewhere."""
        self.videos.pop(video, None)
        moved = [run for run in self.waiting if run.video == video]
        self.waiting = deque(run for run in self.waiting if run.video != video)
        if self.run is not None and self.run.video == video:
            left = max(0, round((self.run_ends_s - now_s) / self.step_s))
            self.busy_s -= left * self.step_s
            moved.insert(0, Run(video, left, now_s))
            self.run = None
        return moved

    def figures(self) -> dict[str, Any]:
        """Describe the device as a member of a cluster does."""
        return {
            "jobs": len(self.waiting) + (self.run is not None),
            "viewers": self.viewers,
            "videos": self.videos,
            "opened": min(self.opened, MAX_OPEN),
            "memory_share": BASE_MEMORY + MEMORY_EACH * self.viewers,
            "draining": self.draining,
        }
