"""Lock of one video: clicks share it, so that they share a commit; everything else excludes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from sam2_session.runtime import Condition, RLock, thread_id


class ChangeLock:
    """Is held alone, re-entrantly; or shared by changes of single frames; or held for mask files.

    Whoever holds it alone sees every change before it committed, and none comes meanwhile. Whoever
    holds it `for_files` keeps each mask's file and row together, while frames go on being changed.
    Those who share it and those who want it alone go first in turn. While you share it, do not take
    it otherwise.
    """

    def __init__(self) -> None:
        self._files = RLock()  # outside the condition; whoever is alone holds it, too
        self._changed = Condition()
        self._owner: int | None = None
        self._depth = 0
        self._sharers: set[int] = set()
        self._waiting_alone = 0
        self._waiting_to_share = 0
        self._let_in = 0  # sharers that go before the next one who wants it alone

    def acquire(self, *, blocking: bool = True) -> bool:
        """Take it alone; without `blocking` only if it is free now."""
        if thread_id() in self._sharers:
            raise RuntimeError("A shared lock cannot be taken alone.")
        if not self._files.acquire(blocking=blocking):
            return False
        if self._exclude_sharers(blocking=blocking):
            return True
        self._files.release()
        return False

    def release(self) -> None:
        """Let others in; who waits to share it goes first."""
        with self._changed:
            if self._owner != thread_id():
                raise RuntimeError("The lock is released by a thread that does not hold it.")
            self._depth -= 1
            if not self._depth:
                self._owner = None
                self._let_in = self._waiting_to_share
                self._changed.notify_all()
        self._files.release()

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold it together with others that share it; who holds it alone already goes on so."""
        me = thread_id()
        if self._owner == me:
            yield
            return
        self._share(me)
        try:
            yield
        finally:
            with self._changed:
                self._sharers.discard(me)
                if not self._sharers:
                    self._changed.notify_all()

    @contextmanager
    def for_files(self) -> Iterator[None]:
        """Hold it for mask files and their rows; nobody else does, and nobody is alone."""
        if thread_id() in self._sharers:
            raise RuntimeError("A shared lock cannot be taken for files.")
        with self._files:
            yield

    def _exclude_sharers(self, *, blocking: bool) -> bool:
        me = thread_id()
        with self._changed:
            if self._owner == me:
                self._depth += 1
                return True
            if not self._is_free():
                if not blocking:
                    return False
                self._waiting_alone += 1
                self._changed.wait_for(self._is_free)
                self._waiting_alone -= 1
            self._owner, self._depth = me, 1
            return True

    def _share(self, me: int) -> None:
        with self._changed:
            if not self._can_share():
                self._waiting_to_share += 1
                self._changed.wait_for(self._can_share)
                self._waiting_to_share -= 1
                self._let_in = max(0, self._let_in - 1)
            self._sharers.add(me)

    def _is_free(self) -> bool:
        return self._owner is None and not self._sharers and not self._let_in

    def _can_share(self) -> bool:
        return self._owner is None and (not self._waiting_alone or self._let_in > 0)

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.release()
