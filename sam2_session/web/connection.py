"""An accepted connection: reads requests with deadlines, for the HTTP server of either mode."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from sam2_session.core.errors import SessionError
from sam2_session.runtime import monotonic, shut_down
from sam2_session.web.errors import RequestTimeout, error_body
from sam2_session.web.request_head import END, MAX_HEAD_BYTES, read_head, too_large

RECEIVE_BYTES = 16 * 1024
KEY = "sam2_session.connection"  # in environ


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Deadlines of a client, in seconds; `body_rate` is in bytes a second."""

    head_s: float = 10.0  # for a whole head, from its first byte or from the connection's begin
    idle_s: float = 30.0  # between two requests
    silence_s: float = 30.0  # for one read or write
    body_grace_s: float = 10.0
    body_rate: float = 1024.0
    goodbye_s: float = 1.0  # for a refused client to read why


class Peer(Protocol):
    """The other end: a socket, or TLS over one."""

    def recv(self, size: int, /) -> bytes: ...
    def send(self, data: Any, /) -> int: ...
    def settimeout(self, timeout_s: float | None, /) -> None: ...
    def setsockopt(self, level: int, name: int, value: int, /) -> None: ...
    def shutdown(self, how: int, /) -> None: ...
    def getsockname(self) -> Any: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


class BodyTooSlow(TimeoutError):
    """A body came more slowly than it may."""


class Connection:
    """Stands in for an accepted socket: the HTTP servers read requests from it, the driver frames.

    It is a stranger until one of its requests had the token; `gate` decides how long it may stay.
    """

    def __init__(
        self, peer: Peer, address: str, gate: Gate, deadlines: Deadlines | None = None
    ) -> None:
        self._peer = peer
        self._unread = bytearray()
        self._gate = gate
        self.address = address
        self.deadlines = deadlines or Deadlines()
        self.is_member = False
        self.is_waiting = True  # for the head of a request
        self.since_s = monotonic()  # begin of its wait, or of its answer

    def admit(self) -> None:
        """Make it a member, since its request had the token. Raises ServerBusy."""
        self._gate.admit(self)

    def end(self) -> None:
        """End both directions; wakes the thread that reads or writes."""
        shut_down(self._peer)

    def close(self) -> None:
        """Close it; may be called twice."""
        self._gate.forget(self)
        self._peer.close()

    def recv(self, size: int) -> bytes:
        """Receive up to `size` bytes; empty at the end. Raises OSError."""
        if self._unread:
            data = bytes(self._unread[:size])
            del self._unread[:size]
            return data
        return self._peer.recv(size)

    def unread(self, data: bytes | bytearray) -> None:
        """Put bytes back; `recv` gives them first."""
        self._unread[:0] = data

    def sendall(self, data: Any) -> None:
        """Send all bytes; each part of them may take `silence_s`. Raises OSError."""
        left = memoryview(data)
        while left:
            left = left[self._peer.send(left) :]

    def settimeout(self, timeout_s: float | None) -> None:
        """Set the time for one read or write; the servers' own values do."""
        self._peer.settimeout(timeout_s)

    def setsockopt(self, level: int, name: int, value: int) -> None:
        self._peer.setsockopt(level, name, value)

    def getsockname(self) -> Any:
        return self._peer.getsockname()

    def fileno(self) -> int:
        return self._peer.fileno()

    def shutdown(self, how: int) -> None:
        self._peer.shutdown(how)

    def makefile(self, mode: str, _buffer_bytes: int = -1) -> Any:
        """Open it as the servers do: requests to read, or bytes to write."""
        if "r" in mode:
            return RequestReader(self)
        return io.BufferedWriter(_Sender(self.sendall))

    def refuse(self, error: SessionError) -> None:
        """Answer an error, and wait a little for the client to read it; never raises."""
        body, status = error_body(error), HTTPStatus(error.status)
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nX-Content-Type-Options: nosniff\r\n"
            "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        until_s = monotonic() + self.deadlines.goodbye_s
        with suppress(OSError):
            self.settimeout(self.deadlines.goodbye_s)
            self.sendall(head.encode() + body)
            self.shutdown(1)  # SHUT_WR: closed with unread bytes, the answer could be lost
            while self.recv(RECEIVE_BYTES) and monotonic() < until_s:
                pass


class Gate(Protocol):
    """Counts connections; see `web/doorway.py`."""

    def admit(self, connection: Connection, /) -> None: ...
    def forget(self, connection: Connection, /) -> None: ...


class RequestReader:
    """Reads one request after the other: each head as a whole and checked, each body by its length.

    A bad or slow head is answered here; the server then finds the end of the connection.
    """

    closed = False

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._deadlines = connection.deadlines
        self._lines: deque[bytes] = deque()
        self._body_left = 0
        self._body_waited_s = 0.0
        self._body_received = 0
        self._is_first = True
        self._has_ended = False

    def readline(self, limit: int = -1) -> bytes:
        """Read a line of the head, the next one if a request has ended; empty at the end."""
        if not self._lines and not self._has_ended:
            self._next_head()
        return self._lines.popleft() if self._lines else b""

    def read(self, size: int = -1) -> bytes:
        """Read `size` bytes of the body, fewer at its end. Raises BodyTooSlow, OSError."""
        wanted = self._body_left if size < 0 else min(size, self._body_left)
        parts = []
        while wanted > 0 and not self._has_ended:
            data = self._receive_body(min(wanted, RECEIVE_BYTES))
            self._has_ended = not data
            self._body_left -= len(data)
            wanted -= len(data)
            parts.append(data)
        return b"".join(parts)

    def close(self) -> None:
        """The connection itself is closed by its server."""

    def _receive_body(self, size: int) -> bytes:
        earned_s = self._body_received / self._deadlines.body_rate
        left_s = self._deadlines.body_grace_s + earned_s - self._body_waited_s
        began_s = monotonic()
        try:
            if left_s <= 0:
                raise TimeoutError
            self._connection.settimeout(min(left_s, self._deadlines.silence_s))
            data = self._connection.recv(size)
        except TimeoutError as error:
            self._has_ended = True
            raise BodyTooSlow("the body came too slowly") from error
        finally:
            self._connection.settimeout(self._deadlines.silence_s)
        self._body_waited_s += monotonic() - began_s
        self._body_received += len(data)
        return data

    def _next_head(self) -> None:
        """Read the next head; ends the connection where there is none, and after a bad one."""
        self._has_ended = True
        if self._body_left:
            return  # nobody read it: the next bytes are no head
        connection = self._connection
        connection.is_waiting, connection.since_s = True, monotonic()
        try:
            raw = self._receive_head()
            if not raw:
                return
            head = read_head(raw)
        except SessionError as error:
            connection.refuse(error)
            return
        except OSError:
            return
        connection.is_waiting, connection.since_s = False, monotonic()
        self._lines.extend(head.lines)
        self._body_left, self._body_received, self._body_waited_s = head.body_bytes, 0, 0.0
        self._is_first = self._has_ended = False

    def _receive_head(self) -> bytes:
        """Receive up to the empty line that ends a head; empty if none came. Raises OSError.

        Empty lines before it are left out: some clients send one after a body.
        """
        got, until_s = bytearray(), monotonic() + self._deadlines.head_s
        if not self._is_first:
            self._wait_for_first_byte(got)
            until_s = monotonic() + self._deadlines.head_s
        while (end := END.search(got := got.lstrip(b"\r\n"))) is None:
            if len(got) > MAX_HEAD_BYTES:
                raise too_large()
            if not (data := self._receive_until(until_s, has_begun=bool(got))):
                return b""
            got += data
        self._connection.unread(got[end.end() :])
        self._connection.settimeout(self._deadlines.silence_s)
        return bytes(got[: end.end()])

    def _wait_for_first_byte(self, got: bytearray) -> None:
        self._connection.settimeout(self._deadlines.idle_s)
        got += self._connection.recv(RECEIVE_BYTES)
        if not got:
            raise ConnectionError("the client has left")

    def _receive_until(self, until_s: float, *, has_begun: bool) -> bytes:
        try:
            if (left_s := until_s - monotonic()) <= 0:
                raise TimeoutError
            self._connection.settimeout(left_s)
            return self._connection.recv(RECEIVE_BYTES)
        except TimeoutError:
            if not has_begun:
                return b""
            raise RequestTimeout(
                f"The head of the request took longer than {self._deadlines.head_s:g} seconds.",
                hint="Send it again, at once.",
            ) from None


class _Sender(io.RawIOBase):
    """The raw file below a buffered writer."""

    def __init__(self, sendall: Callable[[Any], None]) -> None:
        self._sendall = sendall

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._sendall(data)
        return len(data)


def connection_of(environ: dict[str, Any]) -> Connection | None:
    """Return the connection of a request; None without a server, as in a test client."""
    return environ.get(KEY)
