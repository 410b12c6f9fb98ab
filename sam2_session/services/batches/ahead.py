"""Prepares the next item while a person is busy with one: its frames, and the first one encoded."""

from __future__ import annotations

from sam2_session.runtime import Lock
from sam2_session.services.videos.service import VideoService
from sam2_session.services.viewers.prefetcher import Prefetcher


class NextItems:
    """Extracts the first frame of the next item before all else, then encodes it.

    The rest of its frames follow once nobody waits for others.
    """

    def __init__(self, videos: VideoService, prefetcher: Prefetcher) -> None:
        self._videos = videos
        self._prefetcher = prefetcher
        self._waiting: set[str] = set()  # videos whose first frame is being extracted
        self._lock = Lock()

    def prepare(self, entered: str, after: str | None) -> None:
        """Prepare the item that a person enters, then the one after it."""
        for video_id in (entered, after):
            if video_id is not None:
                self._prepare(video_id)

    def on_progress(self, video_id: str) -> None:
        """Go on with a video whose first frame may be there by now."""
        with self._lock:
            waits = video_id in self._waiting
        if waits:
            self._prepare(video_id)

    def _prepare(self, video_id: str) -> None:
        info = self._videos.find(video_id)
        is_there = info is not None and info.extracted > 0
        with self._lock:
            if info is None or info.error or is_there:
                self._waiting.discard(video_id)
            else:
                self._waiting.add(video_id)
        if info is None or info.error:
            return
        self._videos.prepare(video_id)
        if is_there:
            self._prefetcher.encode_ahead(video_id, 0)
