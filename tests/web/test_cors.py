"""Pages of other servers: those that the settings name, with the token, and no others."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator

import pytest

from tests.web.live import LiveServer, running_server
from tests.web.test_guard import UPGRADE, upgrade

FRIEND = "http://annotate.example:8000"
TOKEN = "s3cret/+="  # signs that a protocol's name could not hold
BEARER = {"Authorization": f"Bearer {TOKEN}"}
OTHERS = [
    "http://evil.example",
    "http://annotate.example",
    f"{FRIEND}.evil.example",
    "null",
    "https://annotate.example:8000",
    "HTTP://ANNOTATE.EXAMPLE:8000",
    FRIEND + "/",
]


@pytest.fixture(scope="module")
def open_to_friend(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    options = ["--async-mode", mode, "--token", TOKEN, "--allowed-origin", FRIEND + "/"]
    with running_server(tmp_path_factory.mktemp("cors"), *options) as live:
        yield live


def cors(headers: object) -> list[str]:
    return [name for name in dict(headers) if name.startswith("access-control-")]  # type: ignore[call-overload]


def protocols(token: str) -> str:
    named = urlsafe_b64encode(token.encode()).decode().rstrip("=")
    return f"Sec-WebSocket-Protocol: sam2-session, token.{named}\r\n"


def test_an_allowed_page_reads_with_the_token(open_to_friend: LiveServer) -> None:
    answer = open_to_friend.request("GET", "/api/videos", Origin=FRIEND, **BEARER)

    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == FRIEND
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


def test_an_allowed_page_can_read_why_it_is_refused(open_to_friend: LiveServer) -> None:
    answer = open_to_friend.request("GET", "/api/videos", Origin=FRIEND)

    assert (answer.status, answer.json["error"]["code"]) == (401, "unauthorized")
    assert answer.headers["access-control-allow-origin"] == FRIEND


@pytest.mark.parametrize("origin", OTHERS)
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "DELETE"])
def test_another_page_gets_403_and_no_cors_header(
    open_to_friend: LiveServer, origin: str, method: str
) -> None:
    asks = {"Access-Control-Request-Method": "DELETE", "Origin": origin, **BEARER}
    answer = open_to_friend.request(method, "/api/videos/clip", **asks)

    assert answer.status == 403
    assert cors(answer.headers) == []


def test_by_default_no_other_page_is_allowed(server: LiveServer) -> None:
    answer = server.request("GET", "/healthz", Origin=FRIEND)

    assert answer.status == 403
    assert cors(answer.headers) == []
    assert "vary" not in answer.headers


def test_a_preflight_of_an_allowed_page_needs_no_token(open_to_friend: LiveServer) -> None:
    asks = {
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,content-type",
        "Access-Control-Request-Private-Network": "true",
    }
    answer = open_to_friend.request("OPTIONS", "/api/videos", Origin=FRIEND, **asks)

    assert (answer.status, answer.body) == (204, b"")
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-private-network"] == "true"


def test_a_cookie_counts_for_nothing_from_another_page(open_to_friend: LiveServer) -> None:
    login = open_to_friend.request("POST", "/api/login", {"token": TOKEN})
    cookie = login.headers["set-cookie"].split(";")[0]

    assert open_to_friend.request("GET", "/api/videos", Cookie=cookie).status == 200
    foreign = open_to_friend.request("GET", "/api/videos", Cookie=cookie, Origin=FRIEND)
    assert foreign.status == 401


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        (f"Origin: {FRIEND}\r\n" + protocols(TOKEN), "101"),
        (f"Origin: {FRIEND}\r\n", "401"),
        (f"Origin: {FRIEND}\r\n" + protocols("wrong-1"), "401"),
        (f"Origin: {FRIEND}\r\nSec-WebSocket-Protocol: token.%%%\r\n", "401"),
        ("Origin: http://evil.example\r\n" + protocols(TOKEN), "403"),
        ("Origin: http://127.0.0.1\r\n" + protocols(TOKEN), "101"),
    ],
)
def test_a_socket_shows_its_token_before_the_upgrade(
    open_to_friend: LiveServer, extra: str, status: str
) -> None:
    assert upgrade(open_to_friend, extra).startswith(f"HTTP/1.1 {status}")


def test_a_socket_agrees_on_a_protocol_that_is_not_the_token(open_to_friend: LiveServer) -> None:
    extra = f"Origin: {FRIEND}\r\n{protocols(TOKEN)}"
    answer = open_to_friend.raw(UPGRADE.format(extra=extra).encode()).decode("latin-1")

    assert "sec-websocket-protocol: sam2-session\r\n" in answer.lower()
    assert protocols(TOKEN).split("token.")[1].strip() not in answer


def test_a_token_beside_a_protocol_opens_no_plain_request(open_to_friend: LiveServer) -> None:
    name, _, value = protocols(TOKEN).strip().partition(": ")

    assert open_to_friend.request("GET", "/api/videos", **{name: value}).status == 401


@pytest.mark.parametrize(
    ("asked", "connect"),
    [
        ("", "connect-src 'self';"),
        ("?server=http://gpu:8000", "connect-src 'self' http://gpu:8000 ws://gpu:8000;"),
        ("?server=https://gpu/", "connect-src 'self' https://gpu wss://gpu;"),
        ("?server=http://gpu%3B%20script-src%20*", "connect-src 'self';"),
        ("?server=*", "connect-src 'self';"),
        ("?server=http://a%20http://b", "connect-src 'self';"),
        ("?server=javascript:alert(1)", "connect-src 'self';"),
    ],
)
def test_the_page_may_reach_the_one_server_it_was_pointed_at(
    server: LiveServer, asked: str, connect: str
) -> None:
    policy = server.request("GET", f"/{asked}").headers["content-security-policy"]

    assert connect in policy
    assert "script-src 'self';" in policy
