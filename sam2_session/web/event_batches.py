"""Joins the events of a room that come shortly after one another.

Each client then gets them by one message of its queue and one write to its socket, which is most of
what it costs to tell many clients of a click.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sam2_session.core.events import Event
from sam2_session.loops import Loop
from sam2_session.runtime import RLock, sleep
from sam2_session.web.outbox import bytes_of

JOIN_S = 0.02  # the longest time that an event waits for others
MOST_EVENTS = 16  # that go out together
MOST_BYTES = 64 * 1024  # the same: a slow client is known by the number of pieces that wait for it

Members = Callable[[str], Sequence[str]]  # the socket ids in a room
Send = Callable[[Sequence[str], Sequence[Event]], None]


@dataclass(slots=True)
class _Batch:
    """Events of a room that wait; of them some clients have got the first ones already."""

    events: list[Event] = field(default_factory=list)
    bytes: int = 0
    sent: dict[str, int] = field(default_factory=dict)  # their number, by socket id


class EventBatches:
    """Holds the events of rooms for a moment; the first after a quiet time goes out at once."""

    def __init__(self, members: Members, send: Send) -> None:
        self._members = members
        self._send = send
        self._lock = RLock()  # held while sending, which only queues
        self._waiting: dict[str, _Batch] = {}  # by room
        self._joins = False

    def add(self, room: str, event: Event) -> None:
        """Send an event to a room soon."""
        with self._lock:
            size = bytes_of(event)
            if room in self._waiting and self._waiting[room].bytes + size > MOST_BYTES:
                self._send_batch(room)
            batch = self._waiting.setdefault(room, _Batch())
            batch.events.append(event)
            batch.bytes += size
            if not self._joins:
                self._joins = True
                self._send_batch(room)
                Loop(self._send_late, name="event-batches")
            elif len(batch.events) >= MOST_EVENTS or size >= MOST_BYTES:
                self._send_batch(room)

    def catch_up(self, sid: str) -> None:
        """Send a client what waits for it, so that what it is sent next comes behind that."""
        with self._lock:
            for room, batch in list(self._waiting.items()):
                rest = batch.events[batch.sent.get(sid, 0) :]
                if rest and sid in self._members(room):
                    batch.sent[sid] = len(batch.events)
                    self._send([sid], rest)

    def send_all(self) -> None:
        """Send all events that wait."""
        with self._lock:
            for room in list(self._waiting):
                self._send_batch(room)

    def _send_batch(self, room: str) -> None:
        batch = self._waiting.pop(room)
        members = self._members(room)
        self._send([sid for sid in members if sid not in batch.sent], batch.events)
        for sid in batch.sent.keys() & set(members):
            if rest := batch.events[batch.sent[sid] :]:
                self._send([sid], rest)

    def _send_late(self) -> bool:
        """Send what came meanwhile; whether anything did, so that more may come."""
        sleep(JOIN_S)
        with self._lock:
            self._joins = bool(self._waiting)
            self.send_all()
            return self._joins
