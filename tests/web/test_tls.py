"""TLS by the server itself, in both async modes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sam2_session.options import InvalidSettings
from sam2_session.settings import Settings
from sam2_session.web.tls import read_certificate
from tests.nginx import make_certificate, trusting
from tests.sockets import SimpleClient
from tests.web.live import PATIENCE_S, LiveServer, read_until, running_server


@pytest.fixture(scope="module")
def encrypted(
    mode: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[LiveServer, Path]]:
    """A server with a certificate, and that certificate."""
    folder = tmp_path_factory.mktemp("encrypted")
    cert, key = make_certificate(folder)
    files = ("--tls-cert", str(cert), "--tls-key", str(key))
    with running_server(folder, "--async-mode", mode, "--token", "s3cret", *files) as live:
        yield live, cert


def ask(encrypted: tuple[LiveServer, Path], request: str) -> str:
    """Send a request over TLS; all that comes back."""
    live, cert = encrypted
    with (
        socket.create_connection(live.address, timeout=PATIENCE_S) as plain,
        trusting(cert).wrap_socket(plain, server_hostname="localhost") as peer,
    ):
        peer.sendall(request.encode())
        return read_until(peer, b"\0\0").decode(errors="replace")


def test_the_printed_url_is_https_and_answers(encrypted: tuple[LiveServer, Path]) -> None:
    request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    assert encrypted[0].url.startswith("https://127.0.0.1:")
    assert ask(encrypted, request).endswith("\r\n\r\nok\n")


def test_a_large_answer_arrives_whole(encrypted: tuple[LiveServer, Path]) -> None:
    path = "/api/videos/clip/exports/whole"
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer s3cret\r\n"

    answer = ask(encrypted, f"{head}Connection: close\r\n\r\n")

    assert "HTTP/1.1 200" in answer
    assert len(answer) > 1 << 20


def test_the_origin_is_https_and_the_cookie_secure(encrypted: tuple[LiveServer, Path]) -> None:
    body = '{"token": "s3cret"}'
    head = "POST /api/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    sized = f"Content-Length: {len(body)}\r\nOrigin: %s\r\n\r\n{body}"

    assert "; Secure;" in ask(encrypted, head + sized % "https://localhost")
    assert "HTTP/1.1 403" in ask(encrypted, head + sized % "http://localhost")


def test_a_socket_reads_and_writes_at_once(encrypted: tuple[LiveServer, Path]) -> None:
    live, _ = encrypted
    client = SimpleClient(reconnection=False, ssl_verify=False)
    bearer = {"Authorization": "Bearer s3cret"}
    url = f"https://localhost:{live.address[1]}"
    client.connect(url, headers=bearer, transports=["websocket"], wait_timeout=PATIENCE_S)
    websocket = client.client.eio.ws
    client.call("open_video", {"seq": 1, "video_id": "clip"}, timeout=PATIENCE_S)
    acks = [
        client.call("look_at", {"seq": seq, "count": 20, "bytes": 50_000}, timeout=PATIENCE_S)
        for seq in range(2, 22)
    ]
    client.disconnect()
    websocket.shutdown()

    assert [ack["seq"] for ack in acks] == list(range(2, 22))


def test_who_speaks_http_is_told_so(encrypted: tuple[LiveServer, Path]) -> None:
    answer = encrypted[0].raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", until=b"\0")

    assert answer.startswith(b"HTTP/1.1 400")
    assert b"This server speaks https" in answer


def test_silent_handshakes_keep_nobody_out(encrypted: tuple[LiveServer, Path]) -> None:
    live, _ = encrypted
    peers = [socket.create_connection(live.address) for _ in range(150)]
    for peer in peers[::2]:
        peer.sendall(b"\x16\x03\x01\x02\x00\x01")
    answered = threading.Thread(
        target=ask, args=(encrypted, "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
    )
    answered.start()
    answered.join(PATIENCE_S)

    assert not answered.is_alive()
    for peer in peers:
        peer.close()


def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    cert, _ = make_certificate(tmp_path)

    with pytest.raises(InvalidSettings, match="cert.pem and its key cannot be used"):
        read_certificate(str(cert), str(cert))
    with pytest.raises(InvalidSettings, match="cannot be used"):
        read_certificate(str(tmp_path / "none.pem"), "")
    with pytest.raises(InvalidSettings, match="--tls-key needs --tls-cert"):
        Settings(tls_key="key.pem")
    assert read_certificate("", "") is None
