"""Background loops that outlive an error: it is logged and counted, and the loop goes on."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import ParamSpec

from sam2_session.core.errors import FsyncFailed
from sam2_session.runtime import Lock, lower_priority, sleep, spawn, stop_at_once

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
STUCK_AFTER = 5  # errors in a row

log = logging.getLogger(__name__)
P = ParamSpec("P")


class LoopBook:
    """Knows the loops of this process that run now, and how many errors each name had."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: set[Loop] = set()
        self._errors: Counter[str] = Counter()

    def add(self, loop: Loop) -> None:
        """List a loop that begins."""
        with self._lock:
            self._running.add(loop)

    def remove(self, loop: Loop) -> None:
        """Forget a loop that has ended; its errors stay counted."""
        with self._lock:
            self._running.discard(loop)

    def count_error(self, name: str) -> None:
        """Count an error of a loop of this name."""
        with self._lock:
            self._errors[name.replace(" ", "_").replace("-", "_")] += 1

    def errors(self) -> dict[str, int]:
        """Return the number of errors by name, only of those that had any; ``all`` is the sum."""
        with self._lock:
            return {"all": self._errors.total(), **self._errors}

    def stuck(self) -> tuple[str, ...]:
        """Name the loops that fail again and again."""
        with self._lock:
            return tuple(sorted({loop.name for loop in self._running if loop.is_stuck}))


LOOPS = LoopBook()


class Loop:
    """Repeats a step in a thread of its own until that returns False.

    After an unexpected error it pauses, longer each time, and goes on; a failed fsync ends the
    process. `niceness` lowers the priority of its thread.
    """

    def __init__(self, step: Callable[[], bool], *, name: str, niceness: int = 0) -> None:
        self.name = name
        self._step = step
        self._niceness = niceness
        self._failed_in_row = 0
        LOOPS.add(self)
        self._thread = spawn(self._run, name=name)

    @property
    def is_stuck(self) -> bool:
        """Return whether the last steps all failed."""
        return self._failed_in_row >= STUCK_AFTER

    def is_alive(self) -> bool:
        """Return whether it has not ended."""
        return self._thread.is_alive()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait for its end."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        if self._niceness:
            lower_priority(self._niceness)
        try:
            while self._next():
                pass
        finally:
            LOOPS.remove(self)

    def _next(self) -> bool:
        """Run one step; whether there is another."""
        try:
            goes_on = self._step()
        except FsyncFailed:
            stop_at_once()
        except Exception:  # noqa: BLE001 - boundary: a loop that ends silently is never seen again
            log.exception("%s: an unexpected error; it goes on", self.name)
            LOOPS.count_error(self.name)
            self._failed_in_row += 1
            sleep(min(FIRST_PAUSE_S * 2 ** (self._failed_in_row - 1), LONGEST_PAUSE_S))
            return True
        self._failed_in_row = 0
        return goes_on


def seen(task: Callable[P, None], name: str) -> Callable[P, None]:
    """Wrap a task of a thread pool whose result nobody reads: its errors are logged and counted."""

    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            task(*args, **kwargs)
        except FsyncFailed:
            stop_at_once()
        except Exception:  # noqa: BLE001 - boundary: the pool would keep it to itself
            log.exception("%s: an unexpected error", name)
            LOOPS.count_error(name)

    return run
