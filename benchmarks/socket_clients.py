"""Socket.IO clients that cost next to nothing, so that the server has the cores."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import secrets
import struct
import time
from collections.abc import Mapping
from typing import Any

TEXT = 1  # the only frames that are read; the others are PNGs
SHORT, LONG = 126, 127
PEEK = 24  # bytes that tell what a message is


class SocketClient(asyncio.Protocol):
    """One browser: sends commands and notes when each was acknowledged, and its mask came.

    Of the events it reads no more than the `mask` of its own commands; `heard` counts all.
    """

    def __init__(self, client_id: str, port: int) -> None:
        self.client_id = client_id
        self.acked_s: list[float] = []
        self.masked_s: list[float] = []
        self.rejected: list[dict[str, Any]] = []
        self.sent = 0
        self.heard = 0
        self.was_cut = False
        self._port = port
        self._seq = itertools.count(1)
        self._waiting: dict[int, tuple[float, asyncio.Future[dict[str, Any]]]] = {}
        self._masks: dict[int, tuple[float, asyncio.Future[None]]] = {}
        self._buffer = bytearray()
        self._is_upgraded = False

    async def open(self, video_id: str) -> None:
        """Connect, and open a video."""
        loop = asyncio.get_running_loop()
        self._connected: asyncio.Future[None] = loop.create_future()
        self._transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self._port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Origin: http://127.0.0.1:{self._port}\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await self._connected
        await self.command("open_video", video_id=video_id)
        self.acked_s.clear()
        self.sent = 0

    async def command(self, event: str, **data: Any) -> dict[str, Any]:
        """Send a command and wait for its acknowledgement."""
        return await self._waiting[self.begin(event, **data)][1]

    async def click(self, event: str, **data: Any) -> None:
        """Send a command, and wait for its mask, too."""
        seq = self.begin(event, **data)
        mask = self._masks[seq][1]
        await self._waiting[seq][1]
        await mask

    def begin(self, event: str, **data: Any) -> int:
        """Send a command; its seq."""
        seq, loop = next(self._seq), asyncio.get_running_loop()
        now_s = time.perf_counter()
        self._waiting[seq] = (now_s, loop.create_future())
        self._masks[seq] = (now_s, loop.create_future())
        self.sent += 1
        body = {"client_id": self.client_id, "seq": seq, **data}
        self._send(f"42{seq}{json.dumps([event, body])}".encode())
        return seq

    @property
    def unacknowledged(self) -> int:
        """Commands that nothing was heard of."""
        return len(self._waiting)

    def close(self) -> None:
        """Hang up."""
        self._transport.abort()

    def connection_lost(self, _: Exception | None) -> None:
        self.was_cut = True

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_upgraded:
            head, end, _ = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.splitlines()[0]:
                self._connected.set_exception(ConnectionError(head.decode(errors="replace")))
                return
            del self._buffer[: len(head) + len(end)]
            self._is_upgraded = True
        self._take_frames()

    def _take_frames(self) -> None:
        """Take every whole frame; a server's are not masked."""
        buffer, at = self._buffer, 0
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size == SHORT:
                size, start = int.from_bytes(buffer[at + 2 : at + 4]), at + 4
            elif size == LONG:
                size, start = int.from_bytes(buffer[at + 2 : at + 10]), at + 10
            if len(buffer) < start + size:
                break
            if buffer[at] & 15 == TEXT:
                self._take(buffer, start, start + size)
            at = start + size
        del buffer[:at]

    def _take(self, buffer: bytearray, start: int, end: int) -> None:
        head = bytes(buffer[start : start + PEEK])
        if head.startswith(b"43"):
            self._take_ack(buffer[start:end].decode())
        elif head[:2] in (b"42", b"45"):
            self.heard += 1
            if b'["mask",' in head:
                text = buffer[start:end].decode()
                self._take_mask(json.loads(text[text.index("[") :])[1])
        elif head.startswith(b"2"):
            self._send(b"3")
        elif head.startswith(b"0"):
            self._send(b"40")
        elif head.startswith(b"40"):
            self._connected.set_result(None)

    def _take_ack(self, text: str) -> None:
        at = text.index("[")
        (ack,) = json.loads(text[at:])
        began_s, future = self._waiting.pop(int(text[2:at]))
        self.acked_s.append(time.perf_counter() - began_s)
        if ack["status"] == "rejected":
            self.rejected.append(ack["error"])
        future.set_result(ack)

    def _take_mask(self, data: Mapping[str, Any]) -> None:
        began_s, future = self._masks.pop(data["seq"], (0.0, None))
        if future is not None:
            if data["state"] in ("drawn", "removed"):
                self.masked_s.append(time.perf_counter() - began_s)
            future.set_result(None)

    def _send(self, data: bytes) -> None:
        head = bytes([128 | TEXT])
        if len(data) < SHORT:
            head += bytes([128 | len(data)])
        else:
            head += bytes([128 | SHORT]) + struct.pack(">H", len(data))
        mask = secrets.token_bytes(4)
        pad = (mask * (len(data) // 4 + 1))[: len(data)]
        masked = int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")
        self._transport.write(head + mask + masked.to_bytes(len(data), "big"))
