"""Heads of requests that the two HTTP servers, or a proxy, would read in different ways."""

from __future__ import annotations

import re

import pytest

from sam2_session.core.errors import SessionError
from sam2_session.web.request_head import MAX_HEADERS, read_head
from tests.web.live import LiveServer

START = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
BAD = [
    (START + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n", "invalid_request"),
    (START + b"Content-Length: 0\r\ncontent-length: 5\r\n\r\n", "invalid_request"),
    (START + b"Content-Length: 0, 5\r\n\r\n", "invalid_request"),
    (START + b"Content-Length: +5\r\n\r\n", "invalid_request"),
    (START + b"Content-Length: 0x5\r\n\r\n", "invalid_request"),
    (START + b"Content-Length: -1\r\n\r\n", "invalid_request"),
    (START + b"Content-Length: \xb2\r\n\r\n", "invalid_request"),
    (START + b"Content-Length: 9999999999999999\r\n\r\n", "invalid_request"),
    (START + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "length_required"),
    (START + b"Transfer-Encoding : chunked\r\n\r\n", "invalid_request"),
    (START + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "length_required"),
    (START + b"Host: evil.example\r\n\r\n", "invalid_request"),
    (START + b" folded\r\n\r\n", "invalid_request"),
    (START + b"No colon\r\n\r\n", "invalid_request"),
    (START + b": empty\r\n\r\n", "invalid_request"),
    (START + b"X: a\x00b\r\n\r\n", "invalid_request"),
    (START + b"X: a\rb\r\n\r\n", "invalid_request"),
    (START + b"X: a\n\n", "invalid_request"),
    (START + b"X: a\r\n" * 1000 + b"\r\n", "head_too_large"),
    (START + b"X: " + b"a" * 9000 + b"\r\n\r\n", "head_too_large"),
    (START + b"".join(b"X%d: %s\r\n" % (n, b"a" * 1000) for n in range(90)), "head_too_large"),
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", "head_too_large"),
    (b"GET /healthz HTTP/2.0\r\n\r\n", "http_version_not_supported"),
    (b"GET /healthz HTTP/1.2\r\n\r\n", "http_version_not_supported"),
    (b"GET /healthz HTTP/1.10\r\n\r\n", "http_version_not_supported"),
    (b"GET /healthz HTTP/0.9\r\n\r\n", "http_version_not_supported"),
    (b"GET /healthz\r\n\r\n", "invalid_request"),
    (b"GET /healthz HTTP/1.1 \r\n\r\n", "invalid_request"),
    (b"GET  /healthz HTTP/1.1\r\n\r\n", "invalid_request"),
    (b"GET /health z HTTP/1.1\r\n\r\n", "invalid_request"),
    (b"GET /healthz http/1.1\r\n\r\n", "invalid_request"),
    (b"G{T /healthz HTTP/1.1\r\n\r\n", "invalid_request"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http_version_not_supported"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "invalid_request"),
    (b"GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "invalid_request"),
    (b"GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "invalid_request"),
    (b"GET /healthz#there HTTP/1.1\r\nHost: localhost\r\n\r\n", "invalid_request"),
    (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", "invalid_request"),
    (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", "invalid_request"),
    (START + b"Origin: http://localhost\r\nOrigin: http://evil.example\r\n\r\n", "invalid_request"),
    (START + b"Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n", "invalid_request"),
    (b"\r\n\r\n\r\nnonsense\r\n\r\n", "invalid_request"),
]


@pytest.mark.parametrize(("sent", "code"), BAD)
def test_an_odd_head_is_refused_in_our_shape_by_both_modes(
    server: LiveServer, sent: bytes, code: str
) -> None:
    answer = server.raw(sent, until=b"\0")  # never sent: read to the end

    head, _, body = answer.partition(b"\r\n\r\n")
    assert f'"code":"{code}"'.encode() in body
    assert b"Content-Type: application/json" in head
    assert b"Connection: close" in head
    assert re.findall(rb"HTTP/1\.1 \d", body) == []  # nothing behind it was taken for a request


def test_two_requests_on_one_connection_are_answered_in_turn(server: LiveServer, mode: str) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    answers = server.raw(request + b"\r\n" + last, until=b"\0")

    assert answers.count(b"HTTP/1.1 200") == (2 if mode == "eventlet" else 1)


def test_bytes_behind_a_body_are_no_request(server: LiveServer) -> None:
    smuggled = b"GET /api/videos HTTP/1.1\r\nHost: localhost\r\n\r\n"
    start = b"DELETE /api/videos/none HTTP/1.1\r\nHost: evil.example\r\nContent-Length: %d\r\n"

    answer = server.raw(
        start % len(smuggled) + b"Connection: close\r\n\r\n" + smuggled, until=b"\0"
    )

    assert len(re.findall(rb"HTTP/1\.1 \d", answer)) == 1


@pytest.mark.parametrize("count", [0, MAX_HEADERS - 1])
def test_a_plain_head_is_kept_line_by_line(count: int) -> None:
    lines = [b"POST /x?y=%20 HTTP/1.0", b"Content-Length: 5", *[b"X-A: \xe9\t b "] * count]

    head = read_head(b"\r\n".join([*lines, b"", b""]))

    assert head.lines == tuple(line + b"\r\n" for line in [*lines, b""])
    assert head.body_bytes == 5


@pytest.mark.parametrize(("sent", "code"), BAD[:5])
def test_the_check_alone_refuses_them(sent: bytes, code: str) -> None:
    with pytest.raises(SessionError) as refused:
        read_head(sent)

    assert refused.value.code == code
