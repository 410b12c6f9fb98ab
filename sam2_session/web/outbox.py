"""Sends events to browsers, and holds back those for clients that read slowly.

While a client's queue is long, its events wait in a backlog, where a newer event replaces the older
one about the same thing. A backlog that grows too large becomes one `resync` per video.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sam2_session.core.events import Event, EventName
from sam2_session.loops import Loop
from sam2_session.runtime import RLock, sleep

SLOW_QUEUE_LENGTH = 32  # with this many unread messages a client counts as slow
MAX_BACKLOG_EVENTS = 64
MAX_BACKLOG_BYTES = 2 * 1024 * 1024
EVENT_BYTES = 512  # the assumed size of an event without its PNG
DRAIN_S = 0.05

Send = Callable[[Sequence[str], Sequence[Event]], None]
QueueLength = Callable[[str], int | None]


class Backlog:
    """The events held back from one slow client: the newest about each thing, oldest first."""

    def __init__(self) -> None:
        self.events: dict[tuple[Any, ...], Event] = {}
        self.resync: set[str] = set()  # the videos that the client must read again instead

    def add(self, event: Event) -> None:
        """Hold an event back, or note a resync if there are too many."""
        if event.video_id in self.resync and event.name is not EventName.HOST_STATE:
            return
        before = self.events.pop(subject_of(event), None)
        if event.name is EventName.BATCH_CHANGED and before is not None:
            event = _with_items_of(before, event)
        self.events[subject_of(event)] = event
        if len(self.events) > MAX_BACKLOG_EVENTS or self._bytes() > MAX_BACKLOG_BYTES:
            self.resync |= {held.video_id for held in self.events.values() if held.video_id}
            self.events = {
                subject: replace(held, data={**held.data, "items": None})
                for subject, held in self.events.items()
                if held.name is EventName.BATCH_CHANGED
            }

    def take(self) -> Event | None:
        """Remove and return the next event to send; None when there is none."""
        if self.resync:
            video_id = self.resync.pop()
            return Event(EventName.RESYNC, {"video_id": video_id}, video_id)
        if self.events:
            return self.events.pop(next(iter(self.events)))
        return None

    def _bytes(self) -> int:
        return sum(map(bytes_of, self.events.values()))


class Outbox:
    """Sends events to socket ids; `queue_length` gives None for a client that has left."""

    def __init__(self, send: Send, queue_length: QueueLength) -> None:
        self._send = send
        self._queue_length = queue_length
        self._lock = RLock()  # `send` may find that a client has left, and then calls `forget`
        self._backlogs: dict[str, Backlog] = {}
        self._draining = False

    def deliver(self, sids: Sequence[str], events: Sequence[Event]) -> None:
        """Send events to clients, encoded once for all; hold them back from those who are slow."""
        with self._lock:
            slow = [sid for sid in sids if sid in self._backlogs or self._is_slow(sid)]
            for sid in slow:
                backlog = self._backlogs.setdefault(sid, Backlog())
                for event in events:
                    backlog.add(event)
            quick = [sid for sid in sids if sid not in slow] if slow else sids
            if quick:
                self._send(quick, events)
            if slow and not self._draining:
                self._draining = True
                Loop(self._drain, name="outbox")

    def forget(self, sid: str) -> None:
        """Drop the backlog of a client that has left."""
        with self._lock:
            self._backlogs.pop(sid, None)

    def _is_slow(self, sid: str) -> bool:
        return (self._queue_length(sid) or 0) >= SLOW_QUEUE_LENGTH

    def _drain(self) -> bool:
        sleep(DRAIN_S)
        with self._lock:
            for sid in list(self._backlogs):
                if sid in self._backlogs:  # sending to another client may have dropped it
                    self._send_or_forget(sid)
            self._draining = bool(self._backlogs)
            return self._draining

    def _send_or_forget(self, sid: str) -> None:
        """Send what fits; a client that cannot be sent to keeps no other waiting."""
        try:
            self._send_backlog(sid)
        except Exception:
            self.forget(sid)
            raise

    def _send_backlog(self, sid: str) -> None:
        backlog = self._backlogs[sid]
        length = self._queue_length(sid)
        free = 0 if length is None else SLOW_QUEUE_LENGTH - length
        for _ in range(free):
            event = backlog.take()
            if event is None:
                self.forget(sid)
                return
            self._send([sid], [event])
        if length is None:
            self.forget(sid)


def subject_of(event: Event) -> tuple[Any, ...]:
    """Identify the thing an event is about; a newer event about it replaces this one."""
    data = event.data
    key = data.get("key") or data
    return (
        event.name,
        event.video_id or data.get("batch_id"),
        key.get("instance_id"),
        key.get("region"),
        data.get("frame_idx") if "job_id" not in data else None,
        data.get("job_id"),
        data["rev"] if event.name is EventName.MASKS_APPROVED else None,  # each holds other frames
    )


def _with_items_of(before: Event, event: Event) -> Event:
    """Add the items of an earlier event about the batch; null stays: read all of them again."""
    lists = (before.data["items"], event.data["items"])
    if None in lists:
        return replace(event, data={**event.data, "items": None})
    rows = {row["item"]: row for rows in lists for row in rows}
    return replace(event, data={**event.data, "items": list(rows.values())})


def bytes_of(event: Event) -> int:
    """Estimate the bytes that an event takes while it waits."""
    if event.name is EventName.BATCH_CHANGED:
        return EVENT_BYTES * (1 + len(event.data["items"] or ()))
    return EVENT_BYTES + len(event.data.get("png") or b"")
