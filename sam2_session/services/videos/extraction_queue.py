"""One background thread that prepares videos one by one; one that is opened goes first."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing

from sam2_session import runtime


class ExtractionQueue:
    """Runs the generator that `prepare` makes for a video; its thread ends when none waits.

    A video that is overtaken is dropped between two steps and begun anew when it is first again;
    frames on disk are not extracted twice.
    """

    def __init__(self, prepare: Callable[[str], Generator[None, None, None]]) -> None:
        self._prepare = prepare
        self._changed = runtime.Condition()
        self._waiting: list[str] = []  # the first is the current one
        self._current: str | None = None
        self._pushed_again = False  # the current one: there may be more to do than when it began
        self._running = False
        self._closed = False

    def push(self, video_id: str, *, first: bool = False) -> None:
        """Queue a video last, or first; one that waits already may move up."""
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
        """Remove a video; when this returns, no thread touches it any more."""
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
            if not ended:  # a bug in the preparation: the next push starts a new thread
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
            self._waiting = [waiting for waiting in self._waiting if waiting != self._current]
            self._current, self._running = None, False
            self._changed.notify_all()

    def _step_through(self, video_id: str) -> None:
        with closing(self._prepare(video_id)) as steps:
            for _ in steps:
                with self._changed:
                    if self._waiting[:1] != [video_id]:
                        return  # dropped, or overtaken: it is begun anew later
        with self._changed:
            if video_id in self._waiting and not self._pushed_again:
                self._waiting.remove(video_id)
