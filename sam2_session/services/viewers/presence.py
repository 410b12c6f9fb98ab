"""Who looks at which frame of which video."""

from __future__ import annotations

from dataclasses import dataclass

from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.runtime import Lock


@dataclass(slots=True)
class _Viewer:
    client_id: str
    video_id: str
    frame_idx: int = 0


class Presence:
    """By socket; a socket looks at one video at a time."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self._viewers: dict[str, _Viewer] = {}
        self._lock = Lock()

    def enter(self, sid: str, client_id: str, video_id: str) -> None:
        """A client opened a video."""
        self.leave(sid)
        with self._lock:
            self._viewers[sid] = _Viewer(client_id, video_id)
        self._announce(video_id)

    def look(self, sid: str, frame_idx: int) -> None:
        """A client shows a frame."""
        with self._lock:
            viewer = self._viewers.get(sid)
            if viewer is None or viewer.frame_idx == frame_idx:
                return
            viewer.frame_idx = frame_idx
            others = sum(one.video_id == viewer.video_id for one in self._viewers.values()) > 1
        if others:
            self._announce(viewer.video_id)

    def leave(self, sid: str) -> None:
        """A client closed its video, or its connection ended."""
        with self._lock:
            viewer = self._viewers.pop(sid, None)
        if viewer is not None:
            self._announce(viewer.video_id)

    def _announce(self, video_id: str) -> None:
        with self._lock:
            clients = [
                {"client_id": one.client_id, "frame_idx": one.frame_idx}
                for one in self._viewers.values()
                if one.video_id == video_id
            ]
        data = {"video_id": video_id, "clients": clients}
        self._bus.publish(Event(EventName.PRESENCE, data, video_id=video_id))
