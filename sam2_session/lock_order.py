"""Debug build of locks: notes which is taken while which is held, and complains of circles.

On with ``SAM2_SESSION_CHECK_LOCKS=1``. Locks are told apart by the line that makes them. A circle
is a deadlock that has not happened yet; a lock that is only tried for (not waited for) makes none.
"""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from typing import Any

VARIABLE = "SAM2_SESSION_CHECK_LOCKS"

log = logging.getLogger(__name__)


class LockOrder:
    """The orders seen so far, of all threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._inner: dict[str, set[str]] = {}  # by lock: those taken while it was held
        self._held = threading.local()
        self.circles: list[str] = []

    def edges(self) -> dict[str, set[str]]:
        """Return which locks were taken while which was held."""
        with self._guard:
            return {outer: set(inner) for outer, inner in self._inner.items()}

    def taking(self, lock: CheckedLock) -> None:
        """Note that this thread is about to wait for a lock."""
        held = self._stack()
        if any(other is lock for other in held):
            return  # re-entrant
        for other in held:
            self._note(other.site, lock.site)

    def taken(self, lock: CheckedLock) -> None:
        """Note that this thread holds a lock."""
        self._stack().append(lock)

    def left(self, lock: CheckedLock) -> None:
        """Note that this thread has released a lock; another may have taken it."""
        held = self._stack()
        for at in range(len(held) - 1, -1, -1):
            if held[at] is lock:
                del held[at]
                return

    def _stack(self) -> list[CheckedLock]:
        held: list[CheckedLock] = self._held.__dict__.setdefault("stack", [])
        return held

    def _note(self, outer: str, inner: str) -> None:
        with self._guard:
            known = self._inner.setdefault(outer, set())
            if inner in known:
                return
            known.add(inner)
            back = self._way(inner, outer, {inner})
            if back is None:
                return
            self.circles.append(" -> ".join([outer, *back]))
        log.error("locks are taken in a circle: %s", self.circles[-1], stack_info=True)

    def _way(self, start: str, end: str, seen: set[str]) -> list[str] | None:
        if start == end:
            return [end]
        for step in self._inner.get(start, ()):
            if step not in seen or step == end:
                seen.add(step)
                if (way := self._way(step, end, seen)) is not None:
                    return [start, *way]
        return None


LOCK_ORDER = LockOrder()


class CheckedLock:
    """A lock that tells `LOCK_ORDER`; also what a `Condition` wants of one."""

    def __init__(self, *, reentrant: bool = False, depth: int = 1) -> None:
        self._lock: Any = threading.RLock() if reentrant else threading.Lock()
        self.site = _site(depth + 1)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock, as `threading.Lock` does."""
        if blocking:
            LOCK_ORDER.taking(self)
        got = bool(self._lock.acquire(blocking, timeout))
        if got:
            LOCK_ORDER.taken(self)
        return got

    def release(self) -> None:
        """Release the lock."""
        LOCK_ORDER.left(self)
        self._lock.release()

    def locked(self) -> bool:
        """Return whether somebody holds it."""
        return bool(self._lock.locked())

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _release_save(self) -> Any:
        LOCK_ORDER.left(self)
        return self._lock._release_save()

    def _acquire_restore(self, state: Any) -> None:
        self._lock._acquire_restore(state)
        LOCK_ORDER.taken(self)

    def _is_owned(self) -> bool:
        return bool(self._lock._is_owned())


def checked() -> dict[str, Any]:
    """Return what takes the place of the locks of `threading`, by name."""
    return {
        "Lock": lambda: CheckedLock(depth=2),
        "RLock": lambda: CheckedLock(reentrant=True, depth=2),
        "Condition": lambda: threading.Condition(
            CheckedLock(reentrant=True, depth=2)  # type: ignore[arg-type]
        ),
    }


def _site(depth: int) -> str:
    """Name the line that makes a lock."""
    frame = sys._getframe(depth)
    return f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_qualname}:{frame.f_lineno}"
