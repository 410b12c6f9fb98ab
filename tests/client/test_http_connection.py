"""The connection over HTTP when the other side breaks off: what is sent again, and what never."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sam2_session.client.http_connection import HttpConnection
from sam2_session.errors import HostUnavailable, InvalidRequest
from sam2_session.services.operations.jobs import LIST_JOBS
from sam2_session.services.operations.propagation import PROPAGATE

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{"jobs": []}'


@contextmanager
def peer(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Answer each request with these bytes, and nothing after them; give the URL and requests."""
    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                seen.append(connection.recv(65536).splitlines()[0])
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
    finally:
        thread.join()
        listener.close()


def test_what_only_reads_is_sent_again() -> None:
    with peer(ANSWER, b"", b"", ANSWER) as (url, seen):
        connection = HttpConnection(url, patience_s=60)
        for _ in range(2):
            assert connection.call(LIST_JOBS) == {"jobs": []}
        connection.close()

    assert seen == [b"GET /api/jobs HTTP/1.1"] * 4


def test_a_change_that_was_on_its_way_is_not_sent_again() -> None:
    with peer(ANSWER, b"") as (url, seen):
        connection = HttpConnection(url, patience_s=60)
        connection.call(LIST_JOBS)
        with pytest.raises(HostUnavailable, match="may be done or not"):
            connection.call(PROPAGATE, video_id="clip")
        connection.close()

    assert [line.split()[0] for line in seen] == [b"GET", b"POST"]


def test_an_address_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no address"):
        HttpConnection("http://[::1")
