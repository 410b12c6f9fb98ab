"""Knows which video each client of a gateway has open, and counts those of the whole cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sam2_session.runtime import Lock
from sam2_session.services.viewers.presence import require_free_video


class OpenVideos:
    """Videos by socket id, for any thread; a page has one open."""

    def __init__(self, limit: int, viewed: Callable[[], Counter[str]]) -> None:
        self._limit = limit
        self._viewed = viewed  # clients by video, of all gateways, as members told a moment ago
        self._videos: dict[str, str] = {}
        self._lock = Lock()

    def enter(self, sid: str, video_id: str) -> str | None:
        """Note what a client opens; returns the video that it had open before.

        Raises `ServerBusy` if as many videos are open as people may have open on all members.
        """
        with self._lock:
            before = self._videos.get(sid)
            if self._limit:
                require_free_video(video_id, self._others(sid), self._limit)
            self._videos[sid] = video_id
            return before

    def leave(self, sid: str) -> str | None:
        """Note that a client has no video open any more; returns what it had."""
        with self._lock:
            return self._videos.pop(sid, None)

    def _others(self, sid: str) -> set[str]:
        """Return the videos that other clients have open; the newest are known here alone."""
        viewed = self._viewed()
        viewed[self._videos.get(sid, "")] -= 1
        here = {video_id for other, video_id in self._videos.items() if other != sid}
        return here | {video_id for video_id, clients in viewed.items() if clients > 0}
