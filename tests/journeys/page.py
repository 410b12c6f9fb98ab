"""A client that behaves as the page does: ops in order, kept until acknowledged, sent again."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from socketio.exceptions import SocketIOError

from tests.sockets import Client

TRANSIENT = ("host_unavailable", "busy")
ACK_S = 5.0
RETRY_S = 0.2


class Page:
    """One annotator's page: `act` queues an op, a thread sends the queue one by one, for ever."""

    def __init__(self, url: str, client_id: str, video_id: str = "clip") -> None:
        self.acks: dict[int, dict[str, Any]] = {}
        self.acked_after_s: dict[int, float] = {}
        self.masked_after_s: dict[int, float] = {}
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.client_id, self.video_id, self._url = client_id, video_id, url
        self._queue: deque[tuple[int, str, dict[str, Any]]] = deque()
        self._acted_at: dict[int, float] = {}
        self._seq = 0
        self._ended = threading.Event()
        self._client: Client | None = None
        self._is_open = False
        self._thread = threading.Thread(target=self._run, name=f"page {client_id}", daemon=True)
        self._thread.start()

    def act(self, event: str, frame_idx: int, *, region: str = "overall", **data: Any) -> int:
        """Queue an op on instance 1; its seq."""
        key = {"video_id": self.video_id, "instance_id": 1, "region": region}
        return self.send(event, key=key, frame_idx=frame_idx, **data)

    def send(self, event: str, **data: Any) -> int:
        """Queue any op; its seq."""
        self._seq += 1
        self._acted_at[self._seq] = time.monotonic()
        body = {"client_id": self.client_id, "seq": self._seq, **data}
        self._queue.append((self._seq, event, body))
        return self._seq

    def wait(self, seq: int) -> dict[str, Any]:
        """The ack of an op."""
        self.until(lambda: seq in self.acks)
        return self.acks[seq]

    def ask(self, event: str, **data: Any) -> dict[str, Any]:
        """Send an op and wait for its ack."""
        return self.wait(self.send(event, **data))

    def until(self, condition: Callable[[], Any], seconds: float = 600.0) -> None:
        """Wait for a condition."""
        end_s = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end_s, (self.client_id, list(self._queue)[:2])
            time.sleep(0.01)

    def settle(self) -> None:
        """Wait until everything is acknowledged."""
        self.until(lambda: not self._queue)

    @property
    def upstream(self) -> str:
        """The server behind nginx that the page is connected to, as HOST:PORT; may be empty."""
        websocket = self._client.eio.ws if self._client else None
        headers = (websocket.headers if websocket is not None else None) or {}
        return str(headers.get("x-upstream", "")).rpartition(", ")[2]

    def of(self, name: str) -> list[dict[str, Any]]:
        """The events of a name that came so far."""
        return [data for event, data in list(self.events) if event == name]

    def close(self) -> None:
        """Leave."""
        self._ended.set()
        self._thread.join()
        self._disconnect()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                client = self._connected()
                if self._queue:
                    self._send_first(client)
                else:
                    time.sleep(0.002)
            except (SocketIOError, OSError):
                self._ended.wait(RETRY_S)

    def _send_first(self, client: Client) -> None:
        seq, event, body = self._queue[0]
        ack = client.call(event, body, timeout=ACK_S)
        if ack["status"] == "rejected" and ack["error"]["code"] in TRANSIENT:
            self._ended.wait(RETRY_S)
            return
        self.acks[seq] = ack
        self.acked_after_s[seq] = time.monotonic() - self._acted_at[seq]
        self._queue.popleft()

    def _connected(self) -> Client:
        if self._client is None or not self._client.connected:
            self._disconnect()
            self._client = client = Client(reconnection=False)
            client.on("*", self._hear)
            self._is_open = False
            client.connect(self._url, transports=["websocket"], wait_timeout=ACK_S)
        if not self._is_open:  # as often as it takes: the session process may still be starting
            opening = {"client_id": self.client_id, "seq": 0, "video_id": self.video_id}
            ack = self._client.call("open_video", opening, timeout=ACK_S)
            if ack["status"] == "rejected" and ack["error"]["code"] in TRANSIENT:
                raise SocketIOError(ack["error"]["code"])
            self._is_open = True
        return self._client

    def _hear(self, name: str, data: dict[str, Any]) -> None:
        if name == "mask":
            data["png"] = bool(data.get("png"))
            seq = data["seq"]
            if seq in self._acted_at:
                self.masked_after_s.setdefault(seq, time.monotonic() - self._acted_at[seq])
        self.events.append((name, data))

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        websocket = client.eio.ws
        with suppress(SocketIOError, OSError):
            client.disconnect()
        if websocket is not None:
            websocket.shutdown()  # the library leaves the socket to the garbage collector
