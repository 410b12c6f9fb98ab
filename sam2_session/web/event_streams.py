"""Sends events as server-sent events, for clients without Socket.IO.

A client that reads slowly is bounded as one of Socket.IO is: see `web/outbox.py`.
"""

from __future__ import annotations

from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from sam2_session.core.errors import ServerBusy
from sam2_session.core.events import Event, EventName
from sam2_session.hosts.base import Host
from sam2_session.runtime import Condition, Lock, is_green, sleep
from sam2_session.web.outbox import SLOW_QUEUE_LENGTH, Backlog

KEEP_ALIVE_S = 15.0
KEEP_ALIVE = b": keep-alive\n\n"
RETRY = b"retry: 2000\n\n"  # milliseconds until a browser connects again
MAX_STREAMS = 64


class EventStream:
    """The events of one client, encoded as it takes them; `close` ends it."""

    def __init__(self, video_id: str | None, forget: Callable[[EventStream], None]) -> None:
        self.video_id = video_id
        self._forget = forget
        self._changed = Condition()
        self._waiting: deque[Event] = deque()
        self._backlog = Backlog()
        self._is_behind = False  # the backlog may hold events
        self._begun = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._begun:  # so that the client sees at once that it is connected
            self._begun = True
            return RETRY
        with self._changed:
            if not self._waiting and not self._is_behind:
                self._changed.wait(KEEP_ALIVE_S)
            event = self._take()
        return KEEP_ALIVE if event is None else encode(event)

    def put(self, event: Event) -> None:
        """Add an event; a client with too many unread ones gets the newest about each thing."""
        if event.to is not None or (self.video_id and event.video_id not in (None, self.video_id)):
            return
        with self._changed:
            if self._is_behind or len(self._waiting) >= SLOW_QUEUE_LENGTH:
                self._is_behind = True
                self._backlog.add(event)
            else:
                self._waiting.append(event)
            self._changed.notify()

    def close(self) -> None:
        """Take no more events."""
        self._forget(self)

    def _take(self) -> Event | None:
        if self._waiting:
            return self._waiting.popleft()
        event = self._backlog.take()
        self._is_behind = event is not None
        return event


class EventStreams:
    """Hands the events of a host to every stream."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._streams: frozenset[EventStream] = frozenset()
        self._lock = Lock()
        self._restarting = False
        self.stop = host.subscribe(self._deliver)

    def open(self, video_id: str | None) -> EventStream:
        """Begin a stream of one video's events, or of all; those for everybody come, too.

        Its first event is the state of the host. Raises ServerBusy if there are too many streams.
        """
        stream = EventStream(video_id, self._forget)
        stream.put(Event(EventName.HOST_STATE, self._host.health().to_wire()))
        with self._lock:
            if len(self._streams) >= MAX_STREAMS:
                raise ServerBusy(
                    f"{MAX_STREAMS} clients read events already.",
                    hint="Close one, or use the socket.",
                )
            self._streams |= {stream}
        return stream

    def _forget(self, stream: EventStream) -> None:
        with self._lock:
            self._streams -= {stream}

    def _deliver(self, event: Event) -> None:
        for stream in self._streams:
            stream.put(event)
        if event.name is EventName.HOST_STATE:
            self._resync_after_restart(event.data["state"])
        if is_green() and self._streams:
            sleep(0)  # let the threads that write run before the next event

    def _resync_after_restart(self, state: str) -> None:
        """Send `resync` after a restart: events of the last changes before it may be lost."""
        if state == "ready" and self._restarting:
            for stream in self._streams:
                data = {"video_id": stream.video_id}
                stream.put(Event(EventName.RESYNC, data, stream.video_id))
        self._restarting = state == "restarting"


def encode(event: Event) -> bytes:
    """Encode an event as ``event: NAME`` and ``data: JSON``."""
    data = orjson.dumps(event.data, default=_in_base64)
    return b"event: %s\ndata: %s\n\n" % (event.name.value.encode(), data)


def _in_base64(value: Any) -> str:
    return b64encode(value).decode()
