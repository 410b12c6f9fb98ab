"""Carries TCP connections as a far network does: later by half a round trip, at a limited rate."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import Future
from contextlib import suppress

CHUNK_BYTES = 16_384


class SlowLink:
    """Forwards a port of this machine to another; use as a context manager.

    Each direction is one wire that all connections share. A new connection costs a round trip
    before its first byte, as the handshake would. `url` is where to connect to instead.
    """

    def __init__(self, port: int, *, round_trip_ms: float, mbit_s: float) -> None:
        self._port = port
        self._half_s = round_trip_ms / 2000
        self._bytes_s = mbit_s * 1e6 / 8
        self._free_at = [0.0, 0.0]  # of the wire to the server, and of that back
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: Future[int] = Future()  # the port, once there
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.connections = 0
        self.received_bytes = 0  # by the far side: sent by the server

    def __enter__(self) -> SlowLink:
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._listening.result()}"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self._listening.set_result(server.sockets[0].getsockname()[1])
        await self._ended.wait()  # connections under way are cancelled after it
        server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(asyncio.CancelledError):  # the link was closed
            await asyncio.sleep(2 * self._half_s)
            there = await asyncio.open_connection("127.0.0.1", self._port)
            await asyncio.gather(self._pump(0, reader, there[1]), self._pump(1, there[0], writer))

    async def _pump(
        self, wire: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Send each chunk when the wire is free, and let it arrive half a round trip later."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._arrive(under_way, writer))
        data = b"-"
        while data:
            try:
                data = await reader.read(CHUNK_BYTES)
            except ConnectionError:
                data = b""
            now_s = time.monotonic()
            sent_s = max(now_s, self._free_at[wire]) + len(data) / self._bytes_s
            self._free_at[wire] = sent_s
            self.received_bytes += len(data) * wire
            await under_way.put((sent_s + self._half_s, data))
            await asyncio.sleep(sent_s - now_s)
        await arriving

    async def _arrive(
        self, under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        data = b"-"
        while data:
            arrives_s, data = await under_way.get()
            await asyncio.sleep(arrives_s - time.monotonic())
            try:
                writer.write(data)
                await writer.drain()
            except ConnectionError:
                break
        writer.close()
