"""Remembers to whom an item was handed, until that client opens it or time is up."""

from __future__ import annotations

from collections.abc import Callable

from sam2_session.runtime import Lock, monotonic

CLAIM_S = 120.0  # a client opens what it was handed at once; a script may take longer


class Claims:
    """Claims of clients on videos; each client has one, on the video it was handed last."""

    def __init__(self, now_s: Callable[[], float] = monotonic) -> None:
        self._now_s = now_s
        self._claims: dict[str, tuple[str, float]] = {}  # by client_id: video_id, and until when
        self._lock = Lock()

    def claim(self, client_id: str, video_id: str) -> None:
        """Hand a video to a client; its claim on another ends."""
        with self._lock:
            self._claims[client_id] = (video_id, self._now_s() + CLAIM_S)

    def release(self, client_id: str) -> None:
        """End the claim of a client."""
        with self._lock:
            self._claims.pop(client_id, None)

    def release_video(self, video_id: str) -> None:
        """End the claims on a video: it is gone, and another may come under its id."""
        with self._lock:
            claims = self._claims.items()
            self._claims = {client: claim for client, claim in claims if claim[0] != video_id}

    def by_video(self) -> dict[str, list[str]]:
        """Return the clients of each claimed video."""
        now_s = self._now_s()
        with self._lock:
            self._claims = {
                client_id: claim for client_id, claim in self._claims.items() if claim[1] > now_s
            }
            found: dict[str, list[str]] = {}
            for client_id, (video_id, _) in self._claims.items():
                found.setdefault(video_id, []).append(client_id)
            return found
