"""Jobs are followed by the server's events, and read once after each connection."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sam2_session.client.http_connection import HttpConnection
from sam2_session.client.jobs import Job
from tests.client.test_http_connection import peer

BUSY = {"error": {"code": "server_busy", "message": "Full.", "hint": "Later."}}
READ, HEAR = "GET /api/jobs/j HTTP/1.1", "GET /api/events?video_id=v HTTP/1.1"


def state_of(done: int, state: str = "running", job_id: str = "j") -> dict[str, Any]:
    facts = {"kind": "propagate", "video_id": "v", "total": 9, "error": None}
    return {"job_id": job_id, "state": state, "done": done, **facts}


def answer(body: Any, status: str = "200 OK") -> bytes:
    data = json.dumps(body).encode()
    return b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (
        status.encode(), len(data), data,
    )  # fmt: skip


def events(*sent: tuple[str, Any]) -> bytes:
    """A stream that is cut after these events."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    lines = [f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in sent]
    return head + b"retry: 2000\n\n: keep-alive\n\n" + "".join(lines).encode()


def followed(*answers: bytes) -> tuple[list[int], str, list[str]]:
    """Follow the job over a server that answers so: what was reported, its end, the requests."""
    seen: list[int] = []
    report: Callable[[Job], None] = lambda job: seen.append(job.done)  # noqa: E731
    with peer(*answers) as (url, requests):
        connection = HttpConnection(url, patience_s=60)
        job = Job(connection, state_of(0))
        job.follow(report)
        connection.close()
    return seen, job.state, [request.decode() for request in requests]


def test_a_job_is_followed_by_its_events() -> None:
    seen, state, requests = followed(
        answer(state_of(1)),
        events(
            ("host_state", {"state": "ready"}),
            ("job_progress", state_of(3)),
            ("job_ended", state_of(9, "done", job_id="other")),
            ("job_ended", state_of(5, "done")),
        ),
        answer(state_of(2)),
    )

    assert (seen[0], seen[-1], state) == (0, 5, "done")
    assert requests == [READ, HEAR, READ]


def test_after_a_cut_the_job_is_read_and_listened_to_again() -> None:
    seen, state, requests = followed(
        answer(state_of(1)),
        events(("job_progress", state_of(2))),
        answer(state_of(2)),
        answer(state_of(3)),
        events(("resync", {"video_id": "v"})),
        answer(state_of(4)),
        answer(state_of(9, "failed")),
    )

    assert (seen[-1], state) == (9, "failed")
    assert requests == [READ, HEAR, READ, READ, HEAR, READ, READ]


def test_a_job_that_ended_before_the_connection_is_not_waited_for() -> None:
    _, state, requests = followed(answer(state_of(1)), events(), answer(state_of(9, "done")))

    assert state == "done"
    assert requests == [READ, HEAR, READ]


def test_without_a_stream_the_job_is_read_from_time_to_time() -> None:
    seen, state, requests = followed(
        answer(state_of(1)),
        answer(BUSY, "503 Service Unavailable"),
        answer(state_of(2)),
        answer(state_of(9, "cancelled")),
    )

    assert (seen[-1], state) == (9, "cancelled")
    assert requests == [READ, HEAR, READ, READ]
