"""Sends the pings of all Engine.IO sockets from one thread; the library takes one for each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import time
from types import MethodType
from typing import Any

from engineio.exceptions import SocketIsClosedError
from engineio.packet import PING, Packet
from engineio.socket import Socket

from sam2_session.loops import Loop
from sam2_session.runtime import Condition, monotonic


class PingClock:
    """Takes the place of an Engine.IO server's `start_background_task`."""

    def __init__(self, engine: Any) -> None:
        self._start: Callable[..., Any] = engine.start_background_task
        self._interval_s: float = engine.ping_interval
        self._waiting: deque[tuple[float, Any]] = deque()  # in the order in which they are due
        self._changed = Condition()
        self._runs = self._closed = False

    def start_task(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Start a task of the library; a ping waits in the list instead of in a thread."""
        if not isinstance(target, MethodType) or target.__func__ is not Socket._send_ping:
            return self._start(target, *args, **kwargs)
        with self._changed:
            self._waiting.append((monotonic() + self._interval_s, target.__self__))
            if not self._runs:
                self._runs = True
                Loop(self._send_next, name="pings")
            self._changed.notify()
        return None

    def close(self) -> None:
        """Send no more pings."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _send_next(self) -> bool:
        """Send the next ping once it is due; an error of one socket is not that of the others."""
        with self._changed:
            if self._closed:
                return False
            if not self._waiting:
                self._changed.wait()
                return True
            due_s, socket = self._waiting[0]
            if (left_s := due_s - monotonic()) > 0:
                self._changed.wait(left_s)
                return True
            self._waiting.popleft()
        _send_ping(socket)
        return True


def _send_ping(socket: Any) -> None:
    """Do what the library's own `_send_ping` does after its sleep."""
    if not socket.closing and not socket.closed:
        socket.last_ping = time()
        with suppress(SocketIsClosedError, OSError):
            socket.send(Packet(PING))
