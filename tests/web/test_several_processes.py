"""nginx in front of two web processes: a browser stays with one, until that dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.nginx import ClusterNginx
from tests.processes import free_port

COOKIE = "sam2_route"


class Answering(BaseHTTPRequestHandler):
    """Gives every request the same answer, with no body."""

    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def answering_at(port: int) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", port), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int, int]]:
    """Two ports for web processes, and nginx's."""
    first, second, port = free_port(), free_port(), free_port()
    with ClusterNginx((first, second), port, tmp_path):
        yield first, second, port


def test_a_browser_stays_with_one_process_until_that_dies(ports: tuple[int, int, int]) -> None:
    *upstreams, port = ports
    with ExitStack() as stack:
        servers = [stack.enter_context(ExitStack()) for _ in upstreams]
        for server, upstream in zip(servers, upstreams, strict=True):
            server.enter_context(answering_at(upstream))
        browsers = [
            stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}"))
            for _ in range(12)
        ]
        homes = [upstream_of(browser) for browser in browsers]
        assert set(homes) == {f"127.0.0.1:{upstream}" for upstream in upstreams}
        assert [upstream_of(browser) for browser in browsers] == homes
        assert all(browser.cookies[COOKIE] for browser in browsers)

        servers[0].close()
        left = [upstream_of(browser) for browser in browsers]

    assert {answer.split(", ")[-1] for answer in left} == {f"127.0.0.1:{upstreams[1]}"}


def upstream_of(browser: httpx.Client) -> str:
    answer = browser.get("/")
    assert answer.status_code == 204
    return answer.headers["X-Upstream"]
