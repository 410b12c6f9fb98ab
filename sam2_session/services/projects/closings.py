"""Videos that are being closed; whoever opens one of them again waits until it is closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sam2_session.runtime import Condition


class Closings:
    """Keeps the next opening of a video apart from its closing: both take its lock file."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._closing: set[str] = set()

    @contextmanager
    def of(self, video_id: str) -> Iterator[None]:
        """Note that a video is being closed until the end of the block."""
        with self._changed:
            self._closing.add(video_id)
        try:
            yield
        finally:
            with self._changed:
                self._closing.discard(video_id)
                self._changed.notify_all()

    def wait(self, video_id: str) -> None:
        """Wait until a video is not being closed; hold no lock of the list of videos."""
        with self._changed:
            self._changed.wait_for(lambda: video_id not in self._closing)

    def __contains__(self, video_id: str) -> bool:
        with self._changed:
            return video_id in self._closing
