"""Replaces the two websocket drivers of Engine.IO by one with limits, for both async modes.

The library's drivers decompress messages of any size, keep unfinished fragments without limit, and
take two more threads for each client. This driver refuses compression, limits what it holds in both
directions, reads in the thread that handles what was read, and ends connections whose peer neither
reads nor writes. A message that is too large is dropped, and its client is told so.
"""

from __future__ import annotations

import logging
import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Request,
    TextMessage,
)
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from sam2_session.core.errors import InvalidRequest, ServerBusy, SessionError
from sam2_session.runtime import BoundedSemaphore, Lock, is_green, mark_response_sent
from sam2_session.web.connection import KEY, Connection
from sam2_session.web.errors import error_body, waiting_time
from sam2_session.web.incoming import IncomingMessage
from sam2_session.web.pings import PingClock

PINNED = {"python-engineio": "4.15.1", "wsproto": "1.3.2"}
PROTOCOL = "sam2-session"  # the subprotocol chosen for a browser that names some
SILENCE_S = 30.0  # pings go out every 10 s, so a living peer answers well within this time
RECEIVE_BYTES = 16 * 1024
SEND_BYTES = 64 * 1024  # messages that go out together
PACKET_TYPES = tuple("0123456")  # of Engine.IO

logger = logging.getLogger(__name__)


class DriverMoved(RuntimeError):
    """Raised if Engine.IO or wsproto is not the version this driver was written for."""


class BoundedWebSocket:
    """The driver that Engine.IO makes and calls for each upgrade; see `limit_to`."""

    max_message_bytes = 0
    max_clients = 0
    slots: BoundedSemaphore  # shared by all connections of a server
    _connection: Connection

    def __init__(self, handler: Callable[[Any], Any], _server: Any) -> None:
        self._handler = handler
        self._frames = bytearray()  # taken to be sent
        self._wire = WSConnection(ConnectionType.SERVER)
        self._sending = Lock()  # one whole frame at a time
        self._messages: deque[str | bytes] = deque()
        self._has_ended = False
        self._incoming = IncomingMessage(self.max_message_bytes)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not self.slots.acquire(blocking=False):
            error = ServerBusy(
                f"{self.max_clients} clients are connected, as many as allowed.",
                hint="Close a page, or try again later.",
            )
            return _refuse(start_response, error)
        engine_socket: Any = self._handler.__self__  # type: ignore[attr-defined]
        self._connection = environ[KEY]
        self._connection.settimeout(SILENCE_S)
        try:
            self._wire.receive_data(_upgrade_request(environ))
            self._answer_events()
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

    def send(self, message: str | bytes) -> None:
        """Take one message to send; `flush` sends it. Raises OSError."""
        if self._wire.state is not ConnectionState.OPEN:
            raise OSError("the websocket is closed")
        self._frames += frame_of(message)
        if len(self._frames) >= SEND_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send the messages taken. Raises OSError."""
        if self._frames:
            frames, self._frames = self._frames, bytearray()
            with self._sending:
                self._connection.sendall(frames)

    def _flush_or_end(self) -> None:
        """Flush before the writer waits for the next message; end the writer if nobody reads."""
        try:
            self.flush()
        except OSError as error:
            raise self._writer_ends from error

    def wait(self) -> str | bytes | None:
        """Wait for the next message; None when the client has left."""
        while not self._messages and not self._has_ended:
            try:
                data = self._connection.recv(RECEIVE_BYTES)
                self._wire.receive_data(data or None)
                self._answer_events()
            except (OSError, RemoteProtocolError, LocalProtocolError):
                self._has_ended = True
        message = self._messages.popleft() if self._messages else None
        if isinstance(message, str) and message[:1] not in PACKET_TYPES:
            logger.warning("A client's message is no packet of Engine.IO.")
            return None
        return message

    def close(self) -> None:
        """Send a close frame if possible, and end the connection."""
        with suppress(OSError):
            self.flush()
            self._send_event(CloseConnection(CloseReason.NORMAL_CLOSURE))
        self._connection.end()

    def _answer_events(self) -> None:
        """Keep the messages that have come, and answer the rest. Raises OSError."""
        for event in self._wire.events():
            match event:
                case Request(subprotocols=names):
                    chosen = PROTOCOL if PROTOCOL in names else None
                    self._send_event(AcceptConnection(subprotocol=chosen))
                case Ping() | CloseConnection():
                    if self._wire.state is not ConnectionState.CLOSED:
                        self._send_event(event.response())
                    if isinstance(event, CloseConnection):
                        raise ConnectionError("the client has left")
                case TextMessage() | BytesMessage():
                    self._messages.extend(self._whole_messages(event))

    def _whole_messages(self, event: TextMessage | BytesMessage) -> Iterator[str | bytes]:
        """Yield the message that ends with this part. Raises ConnectionError if it never ends."""
        message = self._incoming.add(event.data, is_last=event.message_finished)
        if self._incoming.is_endless:
            self._send_event(CloseConnection(CloseReason.MESSAGE_TOO_BIG))
            raise ConnectionError("the message does not end")
        if message is not None:
            yield message

    def _send_event(self, event: Event) -> None:
        with self._sending:
            try:
                data = self._wire.send(event)
            except LocalProtocolError as error:
                raise ConnectionError("the websocket is closed") from error
            self._connection.sendall(data)


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
    """Make an Engine.IO server use this driver, and one clock for all pings. Raises DriverMoved."""
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
    engine.start_background_task = PingClock(engine).start_task


class Frames(bytes):
    """Frames of messages that many clients get, made once for all; `send` takes them as they are.

    Made of messages as Engine.IO sends them.
    """

    @classmethod
    def of(cls, messages: Iterable[str | bytes]) -> Frames:
        """Join the frames of these messages."""
        return cls(b"".join(map(frame_of, messages)))


def frame_of(message: str | bytes) -> bytes:
    """Make the frame of a message by hand: a server's are neither masked nor compressed."""
    if isinstance(message, Frames):
        return message
    data = message.encode() if isinstance(message, str) else message
    kind, size = 0x80 | (1 if isinstance(message, str) else 2), len(data)
    if size < 126:
        return bytes((kind, size)) + data
    if size < 1 << 16:
        return struct.pack(">BBH", kind, 126, size) + data
    return struct.pack(">BBQ", kind, 127, size) + data


def _upgrade_request(environ: dict[str, Any]) -> bytes:
    """Write the request again, without the extensions, so that no compression is agreed on."""
    headers = "".join(
        f"{name[5:].replace('_', '-')}: {value}\r\n"
        for name, value in environ.items()
        if name.startswith("HTTP_") and name != "HTTP_SEC_WEBSOCKET_EXTENSIONS"
    )
    return f"GET / HTTP/1.1\r\n{headers}\r\n".encode("latin-1")


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
