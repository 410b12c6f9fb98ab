"""One bounded websocket driver for both async modes, in place of Engine.IO's own two.

The library's drivers inflate any compressed message whole, park unfinished fragments without end,
and lose large frames under eventlet; reliability is why this one exists. It refuses compression,
bounds what it holds in both directions, and gives up on a peer that neither reads nor writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import simple_websocket
from wsproto.utilities import RemoteProtocolError

from sam2_session.core.errors import InvalidRequest, SessionError
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
from sam2_session.web.errors import ServerBusy, error_body

PINNED = {"python-engineio": "4.15.1", "simple-websocket": "1.1.0"}
MAX_CLIENTS = 256
PROTOCOL = "sam2-session"  # what is agreed on with a browser that names protocols
SILENCE_S = 30.0  # pings go out every 10 s, so a living peer is never silent for so long
UNREAD_MESSAGES = 8  # received but not handled; beyond it the socket is not read
RECEIVE_BYTES = 16 * 1024


class DriverMoved(RuntimeError):
    """Engine.IO or simple-websocket is not the version this driver was written for."""


class BoundedSocket:
    """A socket that sends whole frames, one at a time, and reads only when there is room."""

    def __init__(self, peer: Socket) -> None:
        peer.settimeout(SILENCE_S)
        self._peer = peer
        self._sending = Lock()
        self._room = Signal()
        self.is_full: Callable[[], bool] = lambda: False
        self.on_close: Callable[[], None] = lambda: None

    def send(self, data: bytes) -> int:
        """All of it, or OSError."""
        with self._sending:
            self._peer.sendall(data)
        return len(data)

    def recv(self, size: int) -> bytes:
        while self.is_full():
            if not self._room.wait(SILENCE_S):
                raise TimeoutError("nobody handles what this client sends")
            self._room.clear()
        return self._peer.recv(size)

    def made_room(self) -> None:
        """A message was taken."""
        self._room.set()

    def end(self) -> None:
        """Wake whoever is blocked on it."""
        self._room.set()
        shut_down(self._peer)

    def close(self) -> None:
        """The reader has ended, perhaps without telling who waits for a message."""
        shut_down(self._peer)
        self._peer.close()
        self.on_close()


class BoundedWebSocket:
    """What Engine.IO calls once per upgrade; `limit_to` makes the class for one server."""

    max_message_bytes = 0
    _slots = BoundedSemaphore(MAX_CLIENTS)  # of all servers in this process

    def __init__(self, handler: Callable[[Any], Any], _server: Any) -> None:
        self._handler = handler

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not self._slots.acquire(blocking=False):
            error = ServerBusy(f"{MAX_CLIENTS} clients are connected.", hint="Close a page.")
            return _turn_away(start_response, error)
        try:
            self._socket = BoundedSocket(_socket_of(environ))
            self._ws = self._open(environ)
            self._socket.is_full = lambda: len(self._ws.input_buffer) >= UNREAD_MESSAGES
            self._socket.on_close = self._ws.event.set
            self._handler(self)
            self.close()
        except RemoteProtocolError as error:
            return _turn_away(start_response, InvalidRequest(f"Not a websocket: {error}."))
        finally:
            self._slots.release()
        return _hand_back()

    def _open(self, environ: dict[str, Any]) -> Any:
        plain = {**environ, "werkzeug.socket": self._socket}
        plain.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)  # no deflate offered, none agreed on
        return simple_websocket.Server(
            plain,
            subprotocols=[PROTOCOL],
            receive_bytes=RECEIVE_BYTES,
            max_message_size=self.max_message_bytes,
            thread_class=DaemonThread,
        )

    def send(self, message: str | bytes) -> None:
        """Send one message. Raises OSError."""
        try:
            self._ws.send(message)
        except simple_websocket.ConnectionClosed as error:
            raise OSError("the websocket is closed") from error

    def wait(self) -> str | bytes | None:
        """The next message; None when the client has gone."""
        try:
            message: str | bytes | None = self._ws.receive(timeout=SILENCE_S)
        except simple_websocket.ConnectionClosed:
            return None
        self._socket.made_room()
        return message

    def close(self) -> None:
        """Say goodbye if possible, and end the connection."""
        with suppress(OSError, simple_websocket.ConnectionClosed):
            self._ws.close()
        self._socket.end()


def limit_to(max_message_bytes: int) -> type[BoundedWebSocket]:
    """The driver class with a limit on the messages of clients."""
    return type("LimitedWebSocket", (BoundedWebSocket,), {"max_message_bytes": max_message_bytes})


def install_driver(engine: Any, max_message_bytes: int) -> None:
    """Make one Engine.IO server use the bounded driver. Raises DriverMoved."""
    for package, wanted in PINNED.items():
        if (found := version(package)) != wanted:
            raise DriverMoved(f"{package} is {found}; web/websocket.py was written for {wanted}")
    hooks = getattr(engine, "_async", {})
    if not {"thread", "queue", "websocket"} <= set(hooks):
        raise DriverMoved("Engine.IO keeps its websocket driver somewhere else now")
    engine._async = {**hooks, "websocket": limit_to(max_message_bytes)}


def _socket_of(environ: dict[str, Any]) -> Socket:
    if "werkzeug.socket" in environ:
        return environ["werkzeug.socket"]  # type: ignore[no-any-return]
    return environ["eventlet.input"].get_socket()  # type: ignore[no-any-return]


def _turn_away(start_response: Any, error: SessionError) -> list[bytes]:
    body = error_body(error)
    status = HTTPStatus(error.status)
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]


def _hand_back() -> list[bytes]:
    """Each server learns in its own way that the socket is used up."""
    if not is_green():
        raise ConnectionError("the websocket has ended")
    mark_response_sent()
    return []
