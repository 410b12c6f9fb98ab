"""Videos whose files lag behind their database, until somebody repairs them."""

from __future__ import annotations

from sam2_session.runtime import Condition


class RepairQueue:
    """Collects video ids from any thread for the one that repairs them; each once."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._video_ids: set[str] = set()
        self._closed = False

    def put(self, video_id: str) -> None:
        """Add a video: all of it is in its database, but not all of it in its files."""
        with self._changed:
            self._video_ids.add(video_id)
            self._changed.notify()

    def take(self) -> set[str]:
        """Wait for videos and take them all; none once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._video_ids or self._closed)
            if self._closed:
                return set()
            taken, self._video_ids = self._video_ids, set()
            return taken

    def close(self) -> None:
        """Wake the thread that waits in `take`."""
        with self._changed:
            self._closed = True
            self._changed.notify()
