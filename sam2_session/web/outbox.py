"""Events on their way to browsers, and what a slow reader is owed.

A reader whose queue is long gets no more: newer events replace older ones of the same thing, and
when even that is too much, all of it becomes one `resync` per video.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sam2_session.core.events import Event, EventName
from sam2_session.runtime import RLock, sleep, spawn

WINDOW_MESSAGES = 32  # in a reader's queue before it counts as slow
MAX_OWED = 64
MAX_OWED_BYTES = 2 * 1024 * 1024
EVENT_BYTES = 512  # what an event without a PNG is taken to weigh
DRAIN_S = 0.05

Send = Callable[[str, Event], None]
QueueLength = Callable[[str], int | None]


class Debt:
    """What one slow reader has not been sent: newest per thing, oldest thing first."""

    def __init__(self) -> None:
        self.events: dict[tuple[Any, ...], Event] = {}
        self.resync: set[str] = set()  # videos to be read again instead

    def add(self, event: Event) -> None:
        """Remember an event, or that it was too much."""
        if event.video_id in self.resync and event.name is not EventName.HOST_STATE:
            return
        self.events.pop(identity(event), None)
        self.events[identity(event)] = event
        if len(self.events) > MAX_OWED or sum(map(_weight, self.events.values())) > MAX_OWED_BYTES:
            self.resync |= {one.video_id for one in self.events.values() if one.video_id}
            self.events.clear()

    def take(self) -> Event | None:
        """The next event to send; None when the debt is paid."""
        if self.resync:
            video_id = self.resync.pop()
            return Event(EventName.RESYNC, {"video_id": video_id}, video_id)
        if self.events:
            return self.events.pop(next(iter(self.events)))
        return None


class Outbox:
    """Sends events to socket ids; `queue_length` is None for a client that has gone."""

    def __init__(self, send: Send, queue_length: QueueLength) -> None:
        self._send = send
        self._queue_length = queue_length
        self._lock = RLock()  # sending may find a client dead, and then forgets it
        self._debts: dict[str, Debt] = {}
        self._draining = False

    def deliver(self, sid: str, event: Event) -> None:
        """Send now, or owe it."""
        with self._lock:
            debt = self._debts.get(sid)
            if debt is None and not self._is_slow(sid):
                self._send(sid, event)
                return
            self._debts.setdefault(sid, Debt()).add(event)
            if not self._draining:
                self._draining = True
                spawn(self._drain, name="outbox")

    def forget(self, sid: str) -> None:
        """The client has gone."""
        with self._lock:
            self._debts.pop(sid, None)

    def _is_slow(self, sid: str) -> bool:
        return (self._queue_length(sid) or 0) >= WINDOW_MESSAGES

    def _drain(self) -> None:
        while True:
            sleep(DRAIN_S)
            with self._lock:
                for sid in list(self._debts):
                    if sid in self._debts:  # not forgotten meanwhile
                        self._pay(sid)
                if not self._debts:
                    self._draining = False
                    return

    def _pay(self, sid: str) -> None:
        debt = self._debts[sid]
        length = self._queue_length(sid)
        room = 0 if length is None else WINDOW_MESSAGES - length
        for _ in range(room):
            event = debt.take()
            if event is None:
                self.forget(sid)
                return
            self._send(sid, event)
        if length is None:
            self.forget(sid)


def identity(event: Event) -> tuple[Any, ...]:
    """What an event is about: a newer one about the same replaces it."""
    data = event.data
    key = data.get("key") or data
    return (
        event.name,
        event.video_id,
        key.get("instance_id"),
        key.get("region"),
        data.get("frame_idx") if "job_id" not in data else None,
        data.get("job_id"),
        data["rev"] if event.name is EventName.MASKS_APPROVED else None,  # of other frames each
    )


def _weight(event: Event) -> int:
    return EVENT_BYTES + len(event.data.get("png") or b"")
