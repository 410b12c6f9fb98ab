"""A full server says so with a 503 that tells when to try again, and serves the others on."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator

import pytest

from tests.web.live import PATIENCE_S, LiveServer, read_until, running_server
from tests.web.test_uploads import form, send

UPGRADE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.fixture(scope="module")
def small_server(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Serve one client and one upload at a time."""
    limits = ("--max-clients", "1", "--max-uploads", "1")
    with running_server(tmp_path_factory.mktemp("small"), "--async-mode", mode, *limits) as live:
        yield live


def metrics(server: LiveServer) -> dict[str, str]:
    lines = server.request("GET", "/metrics").body.decode().split("\n")
    return dict(line.removeprefix("sam2_session_").split() for line in lines if line)


def test_one_client_too_many_is_told_when_to_come_back(small_server: LiveServer) -> None:
    with small_server.socket():
        answer = small_server.raw(UPGRADE, until=b"}}")
        figures = metrics(small_server)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503")
    assert re.search(rb"(?i)^retry-after: 10\r?$", head, re.M)
    assert b'"code":"server_busy"' in body
    assert b"1 clients are connected, as many as allowed" in body
    assert (figures["clients"], figures["clients_limit"]) == ("1", "1")
    deadline_s = time.monotonic() + PATIENCE_S
    while metrics(small_server)["clients"] != "0" and time.monotonic() < deadline_s:
        time.sleep(0.05)
    with small_server.socket():  # there is a place again
        pass


def test_one_upload_too_many_is_told_when_to_come_back(small_server: LiveServer) -> None:
    body = form(b"x" * 1000)
    head = (
        b"POST /api/videos HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    with socket.create_connection(small_server.address, timeout=PATIENCE_S) as slow:
        slow.sendall(head + body[:400])
        while metrics(small_server)["uploads"] != "1":
            pass
        refused = send(small_server, form(b"y"))
        slow.sendall(body[400:])
        taken = read_until(slow, b"}")

    assert (refused.status, refused.headers["retry-after"]) == (503, "10")
    assert refused.json["error"]["code"] == "server_busy"
    assert taken.startswith(b"HTTP/1.1 201")
    assert send(small_server, form(b"z")).status == 201
    assert metrics(small_server)["uploads_limit"] == "1"
