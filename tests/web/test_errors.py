"""Every error has one shape, wherever it is raised."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.live import Answer, LiveServer, running_server


def assert_error(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"code", "message", "hint"}
    assert answer.json["error"]["code"] == code
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/videos/lost", 404, "video_not_found"),
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/videos/clip/frames/-1.jpg", 404, "not_found"),
        ("GET", "/api/videos/clip/frames/1" + "0" * 5000 + ".jpg", 404, "not_found"),
        ("GET", "/api/videos/a%2Fb/frames/1.jpg", 404, "not_found"),
        ("DELETE", "/api/videos", 405, "method_not_allowed"),
        ("POST", "/api/videos", 400, "invalid_request"),
        ("GET", "/api/videos/broken", 500, "internal_error"),
        ("GET", "/socket.io/?EIO=4&transport=polling", 400, "invalid_request"),
        ("GET", "/socket.io/?EIO=4&transport=websocket", 400, "invalid_request"),
        ("GET", "/socket.io", 400, "invalid_request"),
    ],
)
def test_an_error_has_the_one_shape(
    server: LiveServer, method: str, path: str, status: int, code: str
) -> None:
    assert_error(server.request(method, path), status, code)


def test_an_unexpected_error_shows_no_details(server: LiveServer) -> None:
    answer = server.request("GET", "/api/videos/broken")

    assert b"division" not in answer.body
    assert "ZeroDivisionError" in server.log.read_text()


def test_a_body_in_chunks_is_refused(server: LiveServer) -> None:
    answer = server.request("PUT", "/api/jobs", b"", Transfer_Encoding="chunked")

    assert_error(answer, 411, "length_required")


def test_the_allowed_methods_are_named(server: LiveServer) -> None:
    answer = server.request("PATCH", "/api/jobs")

    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/videos", "/nothing", "/socket.io/"])
def test_every_answer_has_the_security_headers(server: LiveServer, path: str) -> None:
    headers = server.request("GET", path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_pages_are_shown_in_frames_of_named_origins_alone(mode: str, tmp_path: Path) -> None:
    notebook = ("--embed-origin", "http://LOCALHOST:8888/", "--embed-origin", "http://lab:8888")
    with running_server(tmp_path, "--async-mode", mode, *notebook) as live:
        policies = {
            path: live.request("GET", path).headers["content-security-policy"]
            for path in ("/", "/review", "/api/docs", "/api/videos", "/nothing")
        }

    shown = "frame-ancestors http://localhost:8888 http://lab:8888"
    assert [path for path, policy in policies.items() if shown in policy] == ["/", "/review"]
    assert sum("frame-ancestors 'none'" in policy for policy in policies.values()) == 3


def test_the_opener_policy_is_sent_where_browsers_heed_it(mode: str, tmp_path: Path) -> None:
    with running_server(tmp_path, "--async-mode", mode, "--host", "0.0.0.0") as live:  # noqa: S104
        near = live.request("GET", "/healthz", Host="localhost").headers
        far = live.request("GET", "/healthz", Host="192.168.1.5").headers

    assert near["cross-origin-opener-policy"] == "same-origin"
    assert "cross-origin-opener-policy" not in far
