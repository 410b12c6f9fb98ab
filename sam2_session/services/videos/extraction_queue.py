"""One background thread that works on videos in turn; the one somebody opens goes first."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing

from sam2_session import runtime


class ExtractionQueue:
    """Steps the generator that `work` makes for a video; the thread lives only while there is work.

    A video that is overtaken is dropped between two steps and begun anew when its turn comes again:
    what it has on disk is not done twice.
    """

    def __init__(self, work: Callable[[str], Generator[None, None, None]]) -> None:
        self._work = work
        self._changed = runtime.Condition()
        self._waiting: list[str] = []  # the first is the one in work
        self._current: str | None = None
        self._pushed_again = False  # the current one: there may be more to do than when it began
        self._running = False
        self._closed = False

    def push(self, video_id: str, *, first: bool = False) -> None:
        """Work on a video when its turn comes, or at once; one that waits already may move up."""
        with self._changed:
            if self._closed:
                return
            self._pushed_again = self._pushed_again or video_id == self._current
            if video_id not in self._waiting:
                self._waiting.append(video_id)
            if first:
                self._waiting.remove(video_id)
                self._waiting.insert(0, video_id)
            if not self._running:
                self._running = True
                runtime.spawn(self._run, name="extraction")

    def drop(self, video_id: str) -> None:
        """Forget a video; when this returns nobody works on it."""
        with self._changed:
            if video_id in self._waiting:
                self._waiting.remove(video_id)
            self._changed.wait_for(lambda: self._current != video_id)

    def close(self) -> None:
        """Stop between two steps, and wait for that."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.wait_for(lambda: not self._running)

    def _run(self) -> None:
        runtime.lower_priority()
        ended = False
        try:
            while (video_id := self._take()) is not None:
                self._step_through(video_id)
            ended = True
        finally:
            if not ended:  # a bug in the work: the next push starts a new thread
                self._give_up()

    def _take(self) -> str | None:
        with self._changed:
            self._current = self._waiting[0] if self._waiting else None
            self._pushed_again = False
            self._running = self._current is not None
            self._changed.notify_all()
            return self._current

    def _give_up(self) -> None:
        with self._changed:
            self._waiting = [one for one in self._waiting if one != self._current]
            self._current, self._running = None, False
            self._changed.notify_all()

    def _step_through(self, video_id: str) -> None:
        with closing(self._work(video_id)) as steps:
            for _ in steps:
                with self._changed:
                    if self._waiting[:1] != [video_id]:
                        return  # dropped, or overtaken: its turn comes again
        with self._changed:
            if video_id in self._waiting and not self._pushed_again:
                self._waiting.remove(video_id)
