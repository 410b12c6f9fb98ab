"""Connects a host to its worker: sends calls, receives answers and events."""

from __future__ import annotations

import itertools
from typing import Any

from sam2_session.core.errors import HostUnavailable, RemoteError
from sam2_session.core.events import Event, EventName, Listener
from sam2_session.hosts.protocol import Channel
from sam2_session.runtime import Future, Lock, monotonic


class Stalled(ConnectionError):
    """The worker sends heartbeats, but has finished nothing for long while a call waits."""


class Link:
    """Matches answers to calls by id, as long as the worker lives."""

    def __init__(self, channel: Channel, on_event: Listener, *, stall_s: float) -> None:
        self._channel = channel
        self._on_event = on_event
        self._stall_s = stall_s
        self._ids = itertools.count(1)
        self._pending: dict[int, Future[Any]] = {}
        self._lock = Lock()
        self._broken = False
        self._progress = -1
        self._progress_at_s = monotonic()
        self.stuck: tuple[str, ...] = ()  # the worker's loops that fail again and again

    def call(self, operation: str, params: dict[str, Any]) -> Any:
        """Run an operation. Raises RemoteError, or HostUnavailable if the worker dies."""
        future: Future[Any] = Future()
        with self._lock:
            if self._broken:
                raise HostUnavailable
            call_id = next(self._ids)
            self._pending[call_id] = future
        try:
            self._channel.send(
                {"kind": "call", "id": call_id, "operation": operation, "params": params}
            )
            return future.result()
        except OSError as error:
            self._channel.hang_up()  # half a frame may have been sent; no other can follow it
            raise HostUnavailable from error
        finally:
            self._pending.pop(call_id, None)

    def take(self, message: dict[str, Any]) -> None:
        """Handle one message from the worker. Raises Stalled."""
        match message["kind"]:
            case "answer":
                self._settle(message)
            case "event":
                self._on_event(_event(message))
            case "beat":
                self.stuck = tuple(message.get("stuck", ()))
                self._watch(message["progress"])

    def fail(self) -> None:
        """Make every waiting call raise HostUnavailable; call it once the worker is gone."""
        with self._lock:
            self._broken = True
            waiting = list(self._pending.values())
        for future in waiting:
            if not future.done():
                future.set_exception(HostUnavailable())

    def _settle(self, message: dict[str, Any]) -> None:
        future = self._pending.get(message["id"])
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(RemoteError(**message["error"]))
        else:
            future.set_result(message["value"])

    def _watch(self, progress: int) -> None:
        if progress != self._progress or not self._pending:
            self._progress, self._progress_at_s = progress, monotonic()
        elif monotonic() - self._progress_at_s > self._stall_s:
            raise Stalled(f"nothing was finished for {self._stall_s:.0f} s")


def _event(message: dict[str, Any]) -> Event:
    return Event(EventName(message["name"]), message["data"], message["video_id"], message["to"])
