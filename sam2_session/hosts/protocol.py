"""Encodes messages between web and session process as frames: a JSON header and raw buffers.

A frame is ``header length, total length of the buffers, header, buffers``; both lengths are 4
bytes, big endian. The header is ``[message, [[path, bytes], …]]``: each bytes value of the message
is null in it, and ``path`` (keys and indices) says where its buffer belongs. No pickle.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import orjson

from sam2_session.core.errors import TooLarge
from sam2_session.runtime import Lock, Socket, shut_down

LENGTHS = struct.Struct("!II")
MAX_HEADER_BYTES = 256 * 1024 * 1024  # fits the mask list of a very long video
MAX_BUFFER_BYTES = 256 * 1024 * 1024
RECEIVE_BYTES = 256 * 1024  # at once, of as many messages as have come
RAW_TYPES = (bytes, bytearray, memoryview)

Path = list[str | int]


class FrameError(ConnectionError):
    """The peer sent an invalid frame; the connection can no longer be used."""


def encode(message: Any) -> bytes:
    """Encode a message. Raises TypeError for a value neither JSON nor bytes, or TooLarge."""
    found: list[tuple[Path, bytes]] = []
    try:
        header = orjson.dumps([message, []])  # the usual case has no bytes: no need to walk it
    except TypeError:
        plain = _take_out(message, [], found)
        header = orjson.dumps([plain, [[path, len(raw)] for path, raw in found]])
    buffers = b"".join(raw for _, raw in found)
    if len(header) > MAX_HEADER_BYTES or len(buffers) > MAX_BUFFER_BYTES:
        raise TooLarge("The message is too large.", hint="Ask for fewer frames at once.")
    return LENGTHS.pack(len(header), len(buffers)) + header + buffers


def decode(header: bytes, buffers: bytes) -> Any:
    """Decode the message of a frame. Raises FrameError."""
    try:
        message, buffer_paths = orjson.loads(header)
        offset = 0
        for path, length in buffer_paths:
            message = _put_back(message, path, buffers[offset : offset + length])
            offset += length
    except (ValueError, TypeError, LookupError) as error:
        raise FrameError(f"not a frame: {error}") from error
    if offset != len(buffers):
        raise FrameError("the buffers do not add up")
    return message


class Channel:
    """Sends and receives messages over a socket: any thread sends, one thread receives."""

    def __init__(self, peer: Socket) -> None:
        self._peer = peer
        self._sending = Lock()
        self._received = bytearray()  # and not taken yet
        self._on_silence: Callable[[], None] | None = None

    def set_timeout(
        self, seconds: float | None, on_silence: Callable[[], None] | None = None
    ) -> None:
        """Set how long to wait for a silent peer before TimeoutError.

        If `on_silence` is given it is called instead, each time, and may raise.
        """
        self._peer.settimeout(seconds)
        self._on_silence = on_silence

    def send(self, message: Any) -> None:
        """Send a message. Raises OSError if the peer is gone."""
        self.send_frames(encode(message))

    def send_frames(self, frames: bytes | bytearray) -> None:
        """Send messages that are encoded. Raises OSError if the peer is gone."""
        with self._sending:
            self._peer.sendall(frames)

    def receive(self) -> Any:
        """Wait for the next message. Raises EOFError if the peer ended, OSError, TimeoutError."""
        header_bytes, buffer_bytes = LENGTHS.unpack(self._read(LENGTHS.size))
        if header_bytes > MAX_HEADER_BYTES or buffer_bytes > MAX_BUFFER_BYTES:
            raise FrameError("a frame over its limit")
        return decode(self._read(header_bytes), self._read(buffer_bytes))

    def hang_up(self) -> None:
        """End the connection, waking any thread blocked on it. Any thread may call it."""
        shut_down(self._peer)

    def close(self) -> None:
        """Hang up and close the socket; only for the receiving thread."""
        self.hang_up()
        self._peer.close()

    def _read(self, length: int) -> bytes:
        while len(self._received) < length:
            self._receive_more()
        data = bytes(self._received[:length])
        del self._received[:length]
        return data

    def _receive_more(self) -> None:
        """Receive what has come, the messages behind the next one, too."""
        try:
            data = self._peer.recv(RECEIVE_BYTES)
        except TimeoutError:
            if self._on_silence is None:
                raise
            self._on_silence()
            return
        if not data:
            raise EOFError
        self._received += data


def _take_out(value: Any, path: Path, found: list[tuple[Path, bytes]]) -> Any:
    if isinstance(value, RAW_TYPES):
        found.append((path, bytes(value)))
        return None
    if isinstance(value, dict):
        return {key: _take_out(item, [*path, key], found) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_take_out(item, [*path, index], found) for index, item in enumerate(value)]
    return value


def _put_back(message: Any, path: Path, raw: bytes) -> Any:
    if not path:
        return raw
    holder = message
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = raw
    return message
