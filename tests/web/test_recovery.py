"""The session process dies; the page is told, and goes on."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest
import socketio

from tests.web.live import LiveServer
from tests.web.test_start import children


def kill_session_process(server: LiveServer) -> None:
    server.request("GET", "/api/videos")
    [worker] = children(server.process.pid)
    os.kill(worker, signal.SIGKILL)


def hear(page: socketio.SimpleClient, count: int) -> list[tuple[str, Any]]:
    """The next facts, from the first death on."""
    found: list[tuple[str, Any]] = []
    while len(found) < count:
        name, data = page.receive(timeout=10)
        if found or data.get("state") == "restarting":
            found.append((name, data.get("state", data.get("video_id"))))
    return found


def test_a_page_is_told_and_asked_to_read_its_video_again(own_server: LiveServer) -> None:
    with own_server.socket() as page:
        page.call("open_video", {"seq": 1, "video_id": "clip"})

        kill_session_process(own_server)

        assert hear(page, 3) == [
            ("host_state", "restarting"),
            ("host_state", "ready"),
            ("resync", "clip"),
        ]


def test_clicks_during_a_restart_wait_and_are_applied(own_server: LiveServer) -> None:
    with own_server.socket() as page:
        page.call("look_at", {"seq": 1})
        kill_session_process(own_server)

        ack = page.call("look_at", {"seq": 2}, timeout=10)

    assert ack["status"] == "applied" or ack["error"]["code"] == "host_unavailable"


def test_an_op_whose_fate_is_unknown_can_be_sent_again(own_server: LiveServer) -> None:
    with own_server.socket() as page:
        lost = page.call("cancel", {"seq": 7}, timeout=10)
        again = page.call("look_at", {"seq": 7}, timeout=10)

    assert (lost["seq"], lost["status"]) == (7, "rejected")
    assert lost["error"]["code"] == "host_unavailable"
    assert again["status"] == "applied"


def test_requests_during_a_restart_are_answered(own_server: LiveServer) -> None:
    kill_session_process(own_server)

    statuses = {own_server.request("GET", "/api/videos").status for _ in range(3)}

    assert statuses <= {200, 503}
    assert own_server.request("GET", "/healthz").status == 200


@pytest.mark.parametrize("times", [3])
def test_a_server_survives_one_death_after_another(own_server: LiveServer, times: int) -> None:
    for _ in range(times):
        kill_session_process(own_server)
        time.sleep(0.2)

    assert own_server.request("GET", "/api/videos").status == 200
    assert b"sam2_session_host_restarts 3" in own_server.request("GET", "/metrics").body
