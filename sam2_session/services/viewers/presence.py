"""Tracks which client shows which frame of which video, and which pair it works on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sam2_session.core.clients import Client
from sam2_session.core.errors import ServerBusy
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.runtime import Lock

Pair = tuple[int, str]  # instance_id, region


@dataclass(frozen=True, slots=True)
class Viewer:
    """One client that has a video open; `pair` is None until it is known."""

    client: Client
    video_id: str
    frame_idx: int = 0
    pair: Pair | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return ``{client_id, frame_idx, name, instance_id, region}``."""
        instance_id, region = self.pair or (None, None)
        return {
            "client_id": self.client.client_id,
            "frame_idx": self.frame_idx,
            "name": self.client.name,
            "instance_id": instance_id,
            "region": region,
        }


class Presence:
    """Tracks viewers by socket id, one video each, and announces changes to the video's room."""

    def __init__(self, bus: EventBus, max_videos: int = 0) -> None:
        self._bus = bus
        self._max_videos = max_videos  # 0: no limit
        self._viewers: dict[str, Viewer] = {}
        self._lock = Lock()

    def require_free(self, sid: str, video_id: str) -> None:
        """Raise `ServerBusy` if this client would open one video more than people may have open."""
        with self._lock:
            others = {v.video_id for other, v in self._viewers.items() if other != sid}
        require_free_video(video_id, others, self._max_videos)

    def count_videos(self) -> int:
        """Count the videos that people have open."""
        with self._lock:
            return len({viewer.video_id for viewer in self._viewers.values()})

    def count_by_video(self) -> dict[str, int]:
        """Count the clients that have each video open."""
        with self._lock:
            return dict(Counter(viewer.video_id for viewer in self._viewers.values()))

    def count_viewers(self) -> int:
        """Count the clients that have a video open."""
        with self._lock:
            return len(self._viewers)

    def enter(self, sid: str, client: Client, video_id: str) -> None:
        """Note that a client opened a video."""
        self.leave(sid)
        with self._lock:
            self._viewers[sid] = Viewer(client, video_id)
        self._announce(video_id)

    def look(self, sid: str, frame_idx: int, pair: Pair | None = None) -> None:
        """Note what a client shows, and announce it if the video has other viewers."""
        with self._lock:
            viewer = self._viewers.get(sid)
            if viewer is None:
                return
            seen = replace(viewer, frame_idx=frame_idx, pair=pair or viewer.pair)
            if seen == viewer:
                return
            self._viewers[sid] = seen
            is_alone = len(self._viewers_of(viewer.video_id)) == 1
        if not is_alone:
            self._announce(viewer.video_id)

    def rename(self, sid: str, name: str) -> Viewer | None:
        """Note a person's name; returns the viewer if the name is new."""
        with self._lock:
            viewer = self._viewers.get(sid)
            if viewer is None or viewer.client.name == name:
                return None
            renamed = replace(viewer, client=replace(viewer.client, name=name))
            self._viewers[sid] = renamed
        self._announce(viewer.video_id)
        return renamed

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
                if viewer.client.client_id not in clients:
                    clients.append(viewer.client.client_id)
        return found

    def names(self) -> dict[str, str]:
        """Return the names of clients by `client_id`; those without one are left out."""
        with self._lock:
            viewers = list(self._viewers.values())
        return {v.client.client_id: v.client.name for v in viewers if v.client.name}

    def viewers(self, video_id: str) -> list[Viewer]:
        """List the clients that have a video open."""
        with self._lock:
            return self._viewers_of(video_id)

    def _announce(self, video_id: str) -> None:
        data = {
            "video_id": video_id,
            "clients": [viewer.to_wire() for viewer in self.viewers(video_id)],
        }
        self._bus.publish(Event(EventName.PRESENCE, data, video_id=video_id))

    def _viewers_of(self, video_id: str) -> list[Viewer]:
        return [viewer for viewer in self._viewers.values() if viewer.video_id == video_id]


def require_free_video(video_id: str, others: Collection[str], limit: int) -> None:
    """Raise `ServerBusy` if others have `limit` videos open already, and not this one; 0: none."""
    if limit and video_id not in others and len(others) >= limit:
        raise ServerBusy(
            f"{len(others)} videos are open, as many as allowed.",
            hint="Open one of them, or try again when somebody has closed theirs.",
        )
