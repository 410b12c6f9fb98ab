"""Behind a real nginx: TLS, a path prefix, with and without token and Host."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sam2_session.bootstrap import with_token as with_token_made
from sam2_session.options import OWN_PATHS, InvalidSettings, parse_public_url
from sam2_session.settings import Settings
from tests.nginx import Site, new_site, nginx_before, trusting
from tests.sockets import SimpleClient
from tests.web.live import PATIENCE_S, Answer, LiveServer, running_server
from tests.web.test_guard import UPGRADE

PREFIX = "/lab/sam2"


@dataclass(frozen=True)
class Proxied:
    """A server, and what a browser sees of it."""

    server: LiveServer
    site: Site
    tls: ssl.SSLContext

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask through nginx; `path` is all that follows the host."""
        data = None if body is None else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPSConnection(
            "localhost", self.site.port, timeout=PATIENCE_S, context=self.tls
        )
        with closing(connection):
            connection.request(method, path, data, sent)
            with closing(connection.getresponse()) as answer:
                content = answer.read()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content)

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.site.port}"


def proxied(folder: Path, site: Site, *options: str) -> Iterator[Proxied]:
    with (
        running_server(folder, "--public-url", site.url, *options) as live,
        nginx_before(port_behind(live), site, folder) as cert,
    ):
        yield Proxied(live, site, trusting(cert))


def port_behind(live: LiveServer) -> int:
    """The port that nginx passes to, from the second line that the server prints."""
    assert live.process.stdout is not None
    line = live.process.stdout.readline()
    found = re.search(r"The proxy finds it at: http://127\.0\.0\.1:(\d+)", line)
    assert found is not None, line
    return int(found[1])


@pytest.fixture(scope="module")
def with_token(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """nginx passes prefix and Host on."""
    folder = tmp_path_factory.mktemp("with_token")
    yield from proxied(folder, new_site(PREFIX), "--async-mode", mode, "--token", "s3cret")


@pytest.fixture(scope="module")
def without_token(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """nginx removes the prefix, and puts the server's own address in the place of Host."""
    site = new_site(PREFIX, removes_prefix=True, passes_host=False)
    folder = tmp_path_factory.mktemp("without_token")
    yield from proxied(folder, site, "--async-mode", mode, "--no-auth")


def test_the_printed_url_is_the_public_one(with_token: Proxied) -> None:
    assert with_token.server.url == f"{with_token.site.url}/#t=s3cret"


def test_the_page_names_only_addresses_under_the_prefix(with_token: Proxied) -> None:
    page = with_token.request("GET", f"{PREFIX}/").body.decode()
    named = re.findall(r'(?:src|href)="(/[^"]*)"', page)

    assert named
    assert all(path.startswith(f"{PREFIX}/") for path in named)
    assert {with_token.request("GET", path).status for path in named} == {200}


def test_a_module_script_of_the_page_is_not_refused(
    with_token: Proxied, without_token: Proxied
) -> None:
    for proxy in (with_token, without_token):
        path = f"{PREFIX}/static/js/main.js"
        assert proxy.request("GET", path, Origin=proxy.origin).status == 200


def test_the_bare_prefix_leads_to_the_page(with_token: Proxied) -> None:
    live = with_token.server
    request = f"GET {PREFIX}?video=clip HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = raw(live, with_token, request)

    assert answer.startswith("HTTP/1.1 308")
    assert f"Location: {PREFIX}/?video=clip\r\n" in answer


def raw(live: LiveServer, proxy: Proxied, request: str) -> str:
    """Ask past nginx, as somebody on the server's machine."""
    config = (live.log.parent / "nginx.conf").read_text()
    found = re.search(r"proxy_pass http://127.0.0.1:(\d+)", config)
    assert found is not None
    connection = LiveServer(live.process, f"http://127.0.0.1:{found[1]}/", live.log)
    return connection.raw(request.encode()).decode()


def test_the_cookie_is_secure_and_of_this_prefix_alone(with_token: Proxied) -> None:
    login = with_token.request(
        "POST", f"{PREFIX}/api/login", {"token": "s3cret"}, Origin=with_token.origin
    )
    cookie = login.headers["set-cookie"]
    listed = with_token.request("GET", f"{PREFIX}/api/videos", Cookie=cookie.partition(";")[0])

    assert {"Secure", "HttpOnly", "SameSite=Strict", f"Path={PREFIX}/"} <= set(cookie.split("; "))
    assert listed.status == 200


def test_an_old_cookie_is_forgotten_where_it_was_set(with_token: Proxied) -> None:
    name = re.escape("sam2_session_") + r"\d+"
    login = with_token.request("POST", f"{PREFIX}/api/login", {"token": "s3cret"})
    found = re.match(name, login.headers["set-cookie"])
    assert found is not None

    answer = with_token.request("GET", f"{PREFIX}/api/videos", Cookie=f"{found[0]}=old")

    assert answer.status == 401
    assert {"Max-Age=0", f"Path={PREFIX}/"} <= set(answer.headers["set-cookie"].split("; "))


def test_a_change_from_the_public_page_passes_and_from_another_does_not(
    without_token: Proxied,
) -> None:
    path = f"{PREFIX}/api/videos/clip"

    assert without_token.request("DELETE", path, Origin="https://evil.example").status == 403
    assert without_token.request("DELETE", path, Origin="https://localhost").status == 403
    assert without_token.request("DELETE", path, Origin=without_token.origin).status == 204


def test_a_socket_opens_through_the_proxy(with_token: Proxied, without_token: Proxied) -> None:
    for proxy, token in ((with_token, "s3cret"), (without_token, None)):
        client = SimpleClient(reconnection=False, ssl_verify=False)
        client.connect(
            proxy.origin,  # the library sends it as Origin, too
            headers={"Authorization": f"Bearer {token}"} if token else {},
            transports=["websocket"],
            socketio_path=f"{PREFIX}/socket.io",
            wait_timeout=PATIENCE_S,
        )
        websocket = client.client.eio.ws
        ack = client.call("look_at", {"seq": 1}, timeout=PATIENCE_S)
        client.disconnect()
        websocket.shutdown()

        assert ack["status"] == "applied"


def test_a_socket_of_a_foreign_page_is_refused(with_token: Proxied) -> None:
    extra = "Origin: https://evil.example\r\nAuthorization: Bearer s3cret\r\n"

    answer = raw(with_token.server, with_token, UPGRADE.format(extra=extra))

    assert answer.startswith("HTTP/1.1 403")


def test_without_the_proxy_the_server_answers_on_its_own_address(with_token: Proxied) -> None:
    request = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"

    assert raw(with_token.server, with_token, request).startswith("HTTP/1.1 200")


def test_addresses_in_documents_have_the_prefix(without_token: Proxied) -> None:
    document = without_token.request("GET", f"{PREFIX}/api/openapi.json").json
    page = without_token.request("GET", f"{PREFIX}/api/docs").body.decode()

    assert document["servers"] == [{"url": PREFIX}]
    assert f'href="{PREFIX}/api/openapi.json"' in page


def test_a_public_url_makes_a_token_unless_it_is_declined(without_token: Proxied) -> None:
    assert len(with_token_made(Settings(public_url="https://a.example")).token) > 40
    assert with_token_made(Settings()).token == ""
    assert without_token.server.url == f"{without_token.site.url}/"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", ""),
        ("https://Host.example/", "https://host.example"),
        ("https://host:443/lab/sam2/", "https://host/lab/sam2"),
        ("http://host:8080/a-b_c.d~", "http://host:8080/a-b_c.d~"),
    ],
)
def test_a_public_url_is_normalised(text: str, url: str) -> None:
    assert parse_public_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "host",
        "ftp://host",
        "https://host/a?b",
        "https://host/a#b",
        "https://host/../a",
        "https://host//a",
        "https://host/a b",
        "https://user@host/a",
        *(f"https://host/{name}" for name in OWN_PATHS),
    ],
)
def test_a_public_url_that_cannot_work_is_refused(text: str) -> None:
    with pytest.raises(InvalidSettings):
        parse_public_url(text)


def test_every_first_word_of_a_path_is_known_to_the_check(with_token: Proxied) -> None:
    document = with_token.request(
        "GET", f"{PREFIX}/api/openapi.json", Authorization="Bearer s3cret"
    ).json

    words = {path.split("/")[1] for path in document["paths"]}
    assert words - {""} | {"socket.io"} == set(OWN_PATHS)
