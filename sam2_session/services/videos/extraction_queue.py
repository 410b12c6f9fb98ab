"""Background threads that prepare videos, as many at once as there are cores."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing

from sam2_session import runtime
from sam2_session.loops import Loop

Prepare = Callable[[str, bool], Generator[None, None, None]]


class ExtractionQueue:
    """Runs the generator that `prepare` makes for a video, given whether somebody opened it.

    Of those that wait the first `slots` run; each has a thread, which ends when none waits. A video
    that is overtaken is dropped between two steps and begun anew when it is among the first again;
    frames on disk are not extracted twice.
    """

    def __init__(self, prepare: Prepare, *, slots: int = 1) -> None:
        self._prepare = prepare
        self._slots = slots
        self._changed = runtime.Condition()
        self._waiting: list[str] = []  # running ones included
        self._running: set[str] = set()
        self._opened: set[str] = set()  # pushed to the front
        self._pushed_again: set[str] = set()  # running: there may be more to do than at its begin
        self._threads = 0
        self._closed = False

    def push(self, video_id: str, *, first: bool = False) -> None:
        """Queue a video last, or first; one that waits already may move up."""
        with self._changed:
            if self._closed:
                return
            if video_id in self._running:
                self._pushed_again.add(video_id)
            if video_id not in self._waiting:
                self._waiting.append(video_id)
            if first:
                self._waiting.remove(video_id)
                self._waiting.insert(0, video_id)
                self._opened.add(video_id)
            if self._threads < min(self._slots, len(self._waiting)):
                self._threads += 1
                Loop(self._run_next, name="extraction", niceness=runtime.BACKGROUND_NICENESS)

    def drop(self, video_id: str) -> None:
        """Remove a video; when this returns, no thread touches it any more."""
        with self._changed:
            if video_id in self._waiting:
                self._waiting.remove(video_id)
            self._changed.wait_for(lambda: video_id not in self._running)

    def close(self) -> None:
        """Stop between two steps, and wait for that."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.wait_for(lambda: not self._threads)

    def _run_next(self) -> bool:
        video_id = self._take()
        if video_id is None:
            return False
        is_over = True  # after an unforeseen error, too
        try:
            is_over = self._step_through(video_id)
        finally:
            with self._changed:
                self._running.discard(video_id)
                if is_over:
                    self._end(video_id)
                self._changed.notify_all()
        return True

    def _take(self) -> str | None:
        """Take the next video that nobody runs; None ends the thread."""
        with self._changed:
            free = [video_id for video_id in self._waiting if video_id not in self._running]
            taken = free[0] if free else None
            if taken is None:
                self._threads -= 1
            else:
                self._running.add(taken)
                self._pushed_again.discard(taken)
            self._changed.notify_all()
            return taken

    def _step_through(self, video_id: str) -> bool:
        """Prepare a video; whether nothing is left to do."""
        with self._changed:
            is_opened = video_id in self._opened
        with closing(self._prepare(video_id, is_opened)) as steps:
            for _ in steps:
                with self._changed:
                    if video_id not in self._waiting[: self._slots]:
                        return False  # dropped, or overtaken: it is begun anew later
        with self._changed:
            return video_id not in self._pushed_again

    def _end(self, video_id: str) -> None:
        self._opened.discard(video_id)
        if video_id in self._waiting:
            self._waiting.remove(video_id)
