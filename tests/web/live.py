"""A server in a process of its own, and plain HTTP to talk to it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import socketio

from tests.sockets import SimpleClient

ROOT = Path(__file__).resolve().parents[2]
STARTING = "Starting. The URL follows.\n"
PATIENCE_S = 120  # a busy machine is slow, not broken


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class LiveServer:
    process: subprocess.Popen[str]
    url: str
    log: Path

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return ("127.0.0.1", parts.port or 0)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.address[1]}"

    @property
    def token(self) -> str:
        return urlsplit(self.url).fragment.removeprefix("t=")

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`body` is bytes, or a value sent as JSON; header names take _ for -."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE_S)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(connection):
            connection.request(method, path, data, sent)
            with closing(connection.getresponse()) as answer:
                content = answer.read()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content)

    def raw(self, data: bytes, until: bytes = b"\r\n\r\n") -> bytes:
        """Send bytes as they are; what came back until these did, or the server closed."""
        with socket.create_connection(self.address, timeout=PATIENCE_S) as peer:
            peer.sendall(data)
            return read_until(peer, until)

    @contextmanager
    def socket(self, **headers: str) -> Iterator[socketio.SimpleClient]:
        """A connected Socket.IO client."""
        client = SimpleClient(reconnection=False)
        patience = {"transports": ["websocket"], "wait_timeout": PATIENCE_S}
        client.connect(self.origin, headers=headers, **patience)
        websocket = client.client.eio.ws
        try:
            yield client
        finally:
            client.disconnect()
            websocket.shutdown()  # the library leaves the socket to the garbage collector

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@contextmanager
def running_server(folder: Path, *options: str, **environ: str) -> Iterator[LiveServer]:
    """Start the server on a free port and wait until it says it is ready; stopped at the end."""
    with starting_server(folder, *options, **environ) as live:
        assert live.process.stdout is not None
        line = live.process.stdout.readline()
        assert line.startswith("Ready to open: "), live.log.read_text()
        live.url = line.split()[-1]
        yield live


@contextmanager
def starting_server(folder: Path, *options: str, **environ: str) -> Iterator[LiveServer]:
    """Start the server on a free port, which is not known yet; stopped at the end."""
    log = folder / "server.log"
    command = [sys.executable, "-m", "tests.web.serve", "--port", "0", *_dirs(folder), *options]
    with log.open("w") as stderr:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline() == STARTING, log.read_text()
        yield LiveServer(process, "", log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
        process.stdin.close()
        process.stdout.close()


def _dirs(folder: Path) -> list[str]:
    return ["--videos-dir", str(folder), "--outputs-dir", str(folder)]


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", **extra}


def read_until(peer: socket.socket, wanted: bytes) -> bytes:
    """All up to these bytes, or to the end."""
    got = b""
    while wanted not in got and (chunk := peer.recv(65536)):
        got += chunk
    return got
