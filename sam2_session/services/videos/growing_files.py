"""Waits until files that are still being written are whole, then has them read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sam2_session import runtime
from sam2_session.loops import Loop
from sam2_session.storage.file_growth import may_be_growing

EVERY_S = 0.5


class GrowingFiles:
    """One loop that looks at the files of some videos; it ends when none is left."""

    def __init__(self, when_whole: Callable[[str], None]) -> None:
        self._when_whole = when_whole
        self._changed = runtime.Condition()
        self._files: dict[str, Path] = {}  # by video
        self._running = False
        self._closed = False

    def add(self, video_id: str, path: Path) -> None:
        """Call `when_whole` with the video once nobody writes to its file any more."""
        with self._changed:
            self._files[video_id] = path
            if not self._running and not self._closed:
                self._running = True
                Loop(self._step, name="growing-files")

    def close(self) -> None:
        """Stop looking."""
        with self._changed:
            self._closed = True
            self._files.clear()
            self._changed.notify_all()

    def _step(self) -> bool:
        with self._changed:
            self._changed.wait(EVERY_S)
            if not self._files:
                self._running = False
                return False
            files = dict(self._files)
        for video_id, path in files.items():
            if not may_be_growing(path):
                with self._changed:
                    self._files.pop(video_id, None)
                self._when_whole(video_id)
        return True
