"""Messages between the services and a decoder process: a length of 4 bytes, then JSON."""

from __future__ import annotations

import struct
from typing import Any

import orjson

from sam2_session.runtime import Socket, shut_down

LENGTH = struct.Struct("!I")
MAX_BYTES = 64 * 1024 * 1024  # the packets of 100,000 frames take 4 MB
CHUNK_BYTES = 64 * 1024


class MessageSocket:
    """Sends and receives JSON objects; used by one thread."""

    def __init__(self, peer: Socket) -> None:
        self._peer = peer
        self._arrived = bytearray()  # of the next message, if `receive` timed out in its middle

    def set_timeout(self, seconds: float) -> None:
        """Set how long `receive` waits for more bytes before TimeoutError."""
        self._peer.settimeout(seconds)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message. Raises OSError if the peer is gone."""
        data = orjson.dumps(message)
        self._peer.sendall(LENGTH.pack(len(data)) + data)

    def receive(self) -> dict[str, Any]:
        """Wait for the next message. Raises EOFError, OSError, TimeoutError, or ValueError."""
        (length,) = LENGTH.unpack(self._take(LENGTH.size, keep=True))
        if length > MAX_BYTES:
            raise ValueError("a message over its limit")
        data = self._take(LENGTH.size + length)[LENGTH.size :]
        message = orjson.loads(data)
        if not isinstance(message, dict):
            raise ValueError("not a message")
        return message

    def close(self) -> None:
        """Hang up and close the socket."""
        shut_down(self._peer)
        self._peer.close()

    def _take(self, length: int, *, keep: bool = False) -> bytes:
        while len(self._arrived) < length:
            data = self._peer.recv(CHUNK_BYTES)
            if not data:
                raise EOFError
            self._arrived += data
        taken = bytes(self._arrived[:length])
        if not keep:
            del self._arrived[:length]
        return taken
