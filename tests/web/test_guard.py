"""Host, Origin and token, before anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from sam2_session.web.credentials import FailedLogins
from tests.web.live import LiveServer, running_server

UPGRADE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n{extra}"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
PUBLIC = ["/", "/review", "/healthz", "/api/session", "/static/vendor/socket.io-4.8.4.esm.min.js"]


def upgrade(server: LiveServer, extra: str = "") -> str:
    """The status line of a websocket upgrade."""
    return server.raw(UPGRADE.format(extra=extra).encode()).split(b"\r\n")[0].decode()


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "localhost:8000@evil.example",
        "192.168.1.5",
        "0.0.0.0",
        "[::2]",
        "localhost:80x",
    ],
)
def test_a_foreign_host_is_misdirected(server: LiveServer, host: str) -> None:
    answer = server.request("GET", "/healthz", Host=host, Origin=f"http://{host}")

    assert (answer.status, answer.json["error"]["code"]) == (421, "misdirected_request")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:9000", "127.0.0.1", "[::1]:8000", "127.9.9.9"]
)
def test_our_own_names_pass_on_any_port(server: LiveServer, host: str) -> None:
    assert server.request("GET", "/healthz", Host=host).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://localhost",
        "http://localhost:8000.evil.example",
        "https://localhost:8000",
        "http://localhost:80001",
        "file://",
    ],
)
@pytest.mark.parametrize("path", ["/api/videos", "/healthz"])
def test_a_page_of_another_origin_is_refused(server: LiveServer, origin: str, path: str) -> None:
    answer = server.request("GET", path, Host="localhost:8000", Origin=origin)

    assert (answer.status, answer.json["error"]["code"]) == (403, "forbidden")


def test_a_forwarded_host_counts_for_nothing(server: LiveServer) -> None:
    answer = server.request(
        "GET", "/healthz", Origin="http://evil.example", X_Forwarded_Host="evil.example"
    )

    assert answer.status == 403


def test_a_foreign_origin_gets_no_socket(server: LiveServer) -> None:
    assert upgrade(server, "Origin: http://evil.example\r\n").startswith("HTTP/1.1 403")
    assert upgrade(server, "Origin: http://127.0.0.1\r\n").startswith("HTTP/1.1 101")


@pytest.mark.parametrize("path", PUBLIC)
def test_what_the_page_needs_to_log_in_is_public(locked_server: LiveServer, path: str) -> None:
    assert locked_server.request("GET", path).status == 200


def test_a_session_without_token_is_not_authenticated(locked_server: LiveServer) -> None:
    assert locked_server.request("GET", "/api/session").json["authenticated"] is False


@pytest.mark.parametrize("path", ["/api/videos", "/metrics", "/readyz", "/api/openapi.json", "/no"])
def test_everything_else_wants_the_token(locked_server: LiveServer, path: str) -> None:
    answer = locked_server.request("GET", path)

    assert (answer.status, answer.json["error"]["code"]) == (401, "unauthorized")


def test_the_token_as_bearer_opens(locked_server: LiveServer) -> None:
    assert locked_server.request("GET", "/api/videos", Authorization="Bearer s3cret").status == 200
    assert locked_server.request("GET", "/api/videos", Authorization="Basic s3cret").status == 401


def test_the_token_buys_a_cookie_that_scripts_cannot_read(locked_server: LiveServer) -> None:
    answer = locked_server.request("POST", "/api/login", {"token": "s3cret"})

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"sam2_session_{locked_server.address[1]}=")
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "s3cret" not in cookie


def cookie_of(server: LiveServer) -> str:
    answer = server.request("POST", "/api/login", {"token": "s3cret"})
    return answer.headers["set-cookie"].split(";")[0]


def test_the_cookie_reads(locked_server: LiveServer) -> None:
    cookie = cookie_of(locked_server)

    assert locked_server.request("GET", "/api/videos", Cookie=cookie).status == 200
    assert locked_server.request("GET", "/api/session", Cookie=cookie).json["authenticated"]


def test_the_cookie_writes_only_from_our_own_page(locked_server: LiveServer) -> None:
    cookie = cookie_of(locked_server)
    send = locked_server.request

    assert send("DELETE", "/api/videos/clip", Cookie=cookie).status == 403
    assert (
        send("DELETE", "/api/videos/clip", Cookie=cookie, Origin=locked_server.origin).status == 204
    )


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ("", "401"),
        ("Authorization: Bearer wrong1\r\n", "401"),
        ("Authorization: Bearer s3cret\r\n", "101"),
        ("Origin: http://127.0.0.1\r\n", "401"),
        ("Origin: http://evil.example\r\nAuthorization: Bearer s3cret\r\n", "403"),
    ],
)
def test_a_socket_without_token_is_refused_before_the_upgrade(
    locked_server: LiveServer, extra: str, status: str
) -> None:
    assert upgrade(locked_server, extra).startswith(f"HTTP/1.1 {status}")


def test_a_socket_by_cookie_must_name_its_origin(locked_server: LiveServer) -> None:
    cookie = f"Cookie: {cookie_of(locked_server)}\r\n"

    assert upgrade(locked_server, cookie).startswith("HTTP/1.1 403")
    assert upgrade(locked_server, cookie + "Origin: http://127.0.0.1\r\n").startswith(
        "HTTP/1.1 101"
    )


def test_an_old_cookie_is_forgotten(locked_server: LiveServer) -> None:
    name = f"sam2_session_{locked_server.address[1]}"

    answer = locked_server.request("GET", "/api/videos", Cookie=f"{name}=old")

    assert answer.status == 401
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_guessing_ends_after_ten_wrong_tokens_but_locks_nobody_out(
    mode: str, tmp_path: Path
) -> None:
    with running_server(tmp_path, "--async-mode", mode, "--token", "s3cret") as live:
        tries = [live.request("POST", "/api/login", {"token": f"try{n}"}) for n in range(11)]
        neighbour = live.request("GET", "/api/videos", Authorization="Bearer s3cret")
        login = live.request("POST", "/api/login", {"token": "s3cret"})
        cookie = login.headers["set-cookie"].partition(";")[0]
        by_cookie = live.request("GET", "/api/videos", Cookie=cookie)

    assert [answer.status for answer in tries] == [401] * 10 + [429]
    assert tries[-1].headers["retry-after"] == "60"
    assert [answer.status for answer in (neighbour, login, by_cookie)] == [200] * 3
    assert "s3cret" not in live.log.read_text()


def test_the_same_wrong_token_counts_once() -> None:
    now_s = [0.0]
    failures = FailedLogins(lambda: now_s[0])

    for _ in range(50):
        failures.add("10.0.0.1", "an old cookie")

    failures.check("10.0.0.1")
