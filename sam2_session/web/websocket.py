"""Replaces the two websocket drivers of Engine.IO by one with limits, for both async modes.

The library's drivers decompress messages of any size, keep unfinished fragments without limit, and
lose large frames under eventlet. This driver refuses compression, limits what it holds in both
directions, and ends connections whose peer neither reads nor writes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import simple_websocket
from wsproto.utilities import RemoteProtocolError

from sam2_session.core.errors import InvalidRequest, ServerBusy, SessionError
from sam2_session.runtime import (
    BoundedSemaphore,
    DaemonThread,
    Lock,
    Signal,
    Socket,
    is_green,
    mark_response_sent,
    shut_down,
)
from sam2_session.web.errors import error_body, waiting_time

PINNED = {"python-engineio": "4.15.1", "simple-websocket": "1.1.0"}
PROTOCOL = "sam2-session"  # the subprotocol chosen for a browser that names some
SILENCE_S = 30.0  # pings go out every 10 s, so a living peer answers well within this time
MAX_WAITING_MESSAGES = 8  # with this many received but not handled, the socket is not read
RECEIVE_BYTES = 16 * 1024
SEND_BYTES = 64 * 1024  # messages that go out together


class DriverMoved(RuntimeError):
    """Raised if Engine.IO or simple-websocket is not the version this driver was written for."""


class BoundedSocket:
    """A socket that sends one whole frame at a time, and does not read while `is_full`."""

    def __init__(self, peer: Socket) -> None:
        peer.settimeout(SILENCE_S)
        self._peer = peer
        self._sending = Lock()
        self._message_taken = Signal()
        self.is_full: Callable[[], bool] = lambda: False
        self.on_close: Callable[[], None] = lambda: None

    def send(self, data: bytes | bytearray) -> int:
        """Send all bytes. Raises OSError."""
        with self._sending:
            self._peer.sendall(data)
        return len(data)

    def recv(self, size: int) -> bytes:
        while self.is_full():
            if not self._message_taken.wait(SILENCE_S):
                raise TimeoutError("this client's messages are not handled")
            self._message_taken.clear()
        return self._peer.recv(size)

    def resume(self) -> None:
        """Let a waiting `recv` go on, since a message was taken."""
        self._message_taken.set()

    def end(self) -> None:
        """End the connection, and wake the threads that are blocked on it."""
        self._message_taken.set()
        shut_down(self._peer)

    def close(self) -> None:
        """Close the socket, and wake a thread that still waits for a message."""
        shut_down(self._peer)
        self._peer.close()
        self.on_close()


class BoundedWebSocket:
    """The driver that Engine.IO makes and calls for each upgrade; see `limit_to`."""

    max_message_bytes = 0
    max_clients = 0
    slots: BoundedSemaphore  # shared by all connections of a server

    def __init__(self, handler: Callable[[Any], Any], _server: Any) -> None:
        self._handler = handler
        self._frames = bytearray()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not self.slots.acquire(blocking=False):
            error = ServerBusy(
                f"{self.max_clients} clients are connected, as many as allowed.",
                hint="Close a page, or try again later.",
            )
            return _refuse(start_response, error)
        engine_socket: Any = self._handler.__self__  # type: ignore[attr-defined]
        try:
            self._socket = BoundedSocket(_socket_of(environ))
            self._ws = self._open(environ)
            self._socket.is_full = lambda: len(self._ws.input_buffer) >= MAX_WAITING_MESSAGES
            self._socket.on_close = self._ws.event.set
            self._writer_ends = engine_socket.server.get_queue_empty_exception()
            engine_socket.queue.before_wait = self._flush_or_end
            self._handler(self)
            self.close()
        except RemoteProtocolError as error:
            return _refuse(
                start_response, InvalidRequest(f"The websocket request is not valid: {error}.")
            )
        finally:
            self.slots.release()
        return _end_response()

    def _open(self, environ: dict[str, Any]) -> Any:
        plain = {**environ, "werkzeug.socket": self._socket}
        plain.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)  # so that no compression is agreed on
        return simple_websocket.Server(
            plain,
            subprotocols=[PROTOCOL],
            receive_bytes=RECEIVE_BYTES,
            max_message_size=self.max_message_bytes,
            thread_class=DaemonThread,
        )

    def send(self, message: str | bytes) -> None:
        """Take one message to send; `flush` sends it. Raises OSError."""
        if not self._ws.connected:
            raise OSError("the websocket is closed")
        self._frames += frame_of(message)
        if len(self._frames) >= SEND_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send the messages taken. Raises OSError."""
        if self._frames:
            frames, self._frames = self._frames, bytearray()
            self._socket.send(frames)

    def _flush_or_end(self) -> None:
        """Flush before the writer waits for the next message; end the writer if nobody reads."""
        try:
            self.flush()
        except OSError as error:
            raise self._writer_ends from error

    def wait(self) -> str | bytes | None:
        """Wait for the next message; None when the client has left."""
        try:
            message: str | bytes | None = self._ws.receive(timeout=SILENCE_S)
        except simple_websocket.ConnectionClosed:
            return None
        self._socket.resume()
        return message

    def close(self) -> None:
        """Send a close frame if possible, and end the connection."""
        with suppress(OSError, simple_websocket.ConnectionClosed):
            self.flush()
            self._ws.close()
        self._socket.end()


def limit_to(max_message_bytes: int, max_clients: int) -> type[BoundedWebSocket]:
    """Make a driver class that limits the size of client messages, and the number of clients."""
    limits = {
        "max_message_bytes": max_message_bytes,
        "max_clients": max_clients,
        "slots": BoundedSemaphore(max_clients),
    }
    return type("LimitedWebSocket", (BoundedWebSocket,), limits)


def flushing(base: type[Any]) -> type[Any]:
    """Make a class of queues that call `before_wait` before a reader waits for more."""

    class FlushingQueue(base):  # type: ignore[misc]
        """The messages for one client; their writer sends what it took before it waits."""

        before_wait: Callable[[], None] = staticmethod(lambda: None)

        def get(self, block: bool = True, timeout: float | None = None) -> Any:
            if block and self.empty():
                self.before_wait()
            return super().get(block, timeout)

    return FlushingQueue


def install_driver(engine: Any, max_message_bytes: int, max_clients: int) -> None:
    """Make an Engine.IO server use this driver. Raises DriverMoved."""
    for package, wanted in PINNED.items():
        if (found := version(package)) != wanted:
            raise DriverMoved(f"{package} is {found}; web/websocket.py was written for {wanted}")
    hooks = getattr(engine, "_async", {})
    if not {"thread", "queue", "queue_empty", "websocket"} <= set(hooks):
        raise DriverMoved("Engine.IO no longer keeps its websocket driver in `_async`")
    engine._async = {
        **hooks,
        "websocket": limit_to(max_message_bytes, max_clients),
        "queue": flushing(hooks["queue"]),
    }


def frame_of(message: str | bytes) -> bytes:
    """Make the frame of a message by hand: a server's are neither masked nor compressed."""
    data = message.encode() if isinstance(message, str) else message
    kind, size = 0x80 | (1 if isinstance(message, str) else 2), len(data)
    if size < 126:
        return bytes((kind, size)) + data
    if size < 1 << 16:
        return struct.pack(">BBH", kind, 126, size) + data
    return struct.pack(">BBQ", kind, 127, size) + data


def _socket_of(environ: dict[str, Any]) -> Socket:
    if "werkzeug.socket" in environ:
        return environ["werkzeug.socket"]  # type: ignore[no-any-return]
    return environ["eventlet.input"].get_socket()  # type: ignore[no-any-return]


def _refuse(start_response: Any, error: SessionError) -> list[bytes]:
    body = error_body(error)
    status = HTTPStatus(error.status)
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    headers += waiting_time(error).items()
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]


def _end_response() -> list[bytes]:
    """Tell the HTTP server, each in its own way, not to write a response to the socket."""
    if not is_green():
        raise ConnectionError("the websocket has ended")
    mark_response_sent()
    return []
