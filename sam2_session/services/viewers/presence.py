"""Tracks which client shows which frame of which video."""

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
    """Tracks viewers by socket id, one video each, and announces changes to the video's room."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self._viewers: dict[str, _Viewer] = {}
        self._lock = Lock()

    def enter(self, sid: str, client_id: str, video_id: str) -> None:
        """Note that a client opened a video."""
        self.leave(sid)
        with self._lock:
            self._viewers[sid] = _Viewer(client_id, video_id)
        self._announce(video_id)

    def look(self, sid: str, frame_idx: int) -> None:
        """Note the frame a client shows, and announce it if the video has other viewers."""
        with self._lock:
            viewer = self._viewers.get(sid)
            if viewer is None or viewer.frame_idx == frame_idx:
                return
            viewer.frame_idx = frame_idx
            is_alone = len(self._viewers_of(viewer.video_id)) == 1
        if not is_alone:
            self._announce(viewer.video_id)

    def leave(self, sid: str) -> None:
        """Note that a client closed its video, or that its connection ended."""
        with self._lock:
            viewer = self._viewers.pop(sid, None)
        if viewer is not None:
            self._announce(viewer.video_id)

    def clients_by_video(self) -> dict[str, list[str]]:
        """Return the clients that have each video open."""
        found: dict[str, list[str]] = {}
        with self._lock:
            for viewer in self._viewers.values():
                clients = found.setdefault(viewer.video_id, [])
                if viewer.client_id not in clients:
                    clients.append(viewer.client_id)
        return found

    def _announce(self, video_id: str) -> None:
        with self._lock:
            clients = [
                {"client_id": viewer.client_id, "frame_idx": viewer.frame_idx}
                for viewer in self._viewers_of(video_id)
            ]
        data = {"video_id": video_id, "clients": clients}
        self._bus.publish(Event(EventName.PRESENCE, data, video_id=video_id))

    def _viewers_of(self, video_id: str) -> list[_Viewer]:
        return [viewer for viewer in self._viewers.values() if viewer.video_id == video_id]
