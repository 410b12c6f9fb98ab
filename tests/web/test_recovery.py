"""The session process dies; the page is told, and goes on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
import socketio

from tests.web.live import PATIENCE_S, LiveServer
from tests.web.test_start import children


def restarts(server: LiveServer) -> int:
    lines = server.request("GET", "/metrics").body.decode().splitlines()
    rows = dict(line.rsplit(" ", 1) for line in lines)
    return int(rows.get("sam2_session_host_restarts", 0))  # nothing is said while it is away


def kill_session_process(server: LiveServer) -> None:
    until(lambda: server.request("GET", "/readyz").status == 200)
    [worker] = children(server.process.pid)
    os.kill(worker, signal.SIGKILL)


def until(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until_s, "it never happened"
        time.sleep(0.02)


def hear(page: socketio.SimpleClient, count: int) -> list[tuple[str, Any]]:
    """The next facts, from the first death on."""
    found: list[tuple[str, Any]] = []
    while len(found) < count:
        name, data = page.receive(timeout=PATIENCE_S)
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


def test_a_page_keeps_its_socket_while_a_hung_session_process_is_replaced(
    own_server: LiveServer,
) -> None:
    with own_server.socket() as page:
        page.call("open_video", {"seq": 1, "video_id": "clip"})
        until(lambda: own_server.request("GET", "/readyz").status == 200)
        [worker] = children(own_server.process.pid)
        os.kill(worker, signal.SIGSTOP)

        told = hear(page, 3)
        ack = page.call("look_at", {"seq": 2}, timeout=PATIENCE_S)

    assert told == [("host_state", "restarting"), ("host_state", "ready"), ("resync", "clip")]
    assert ack["status"] == "applied"


def test_clicks_during_a_restart_wait_and_are_applied(own_server: LiveServer) -> None:
    with own_server.socket() as page:
        page.call("look_at", {"seq": 1})
        kill_session_process(own_server)

        ack = page.call("look_at", {"seq": 2}, timeout=PATIENCE_S)

    assert ack["status"] == "applied" or ack["error"]["code"] == "host_unavailable"


def test_an_op_whose_fate_is_unknown_can_be_sent_again(own_server: LiveServer) -> None:
    with own_server.socket() as page:
        lost = page.call("cancel", {"seq": 7}, timeout=PATIENCE_S)
        again = page.call("look_at", {"seq": 7}, timeout=PATIENCE_S)

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
    for deaths in range(1, times + 1):
        kill_session_process(own_server)
        until(lambda deaths=deaths: restarts(own_server) == deaths)

    until(lambda: own_server.request("GET", "/readyz").status == 200)
    assert own_server.request("GET", "/api/videos").status == 200
    assert restarts(own_server) == times
