from __future__ import annotations

import signal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import LiveServer
from tests.processes import is_alive


def test_a_newcomer_finds_the_demo_video(live_server: LiveServer, page: Page) -> None:
    page.goto(live_server.url)

    expect(page.get_by_test_id("videos")).to_contain_text("demo")


@pytest.mark.slow  # it costs a server, and each test that stops one looks for what is left
def test_a_stopped_server_takes_its_session_process_along(live_server: LiveServer) -> None:
    session_pids = live_server.session_pids

    live_server.stop(signal.SIGINT)

    assert len(session_pids) == 1
    assert not any(is_alive(pid) for pid in session_pids)


@pytest.mark.slow
def test_a_killed_server_takes_its_session_process_along(live_server: LiveServer) -> None:
    session_pids = live_server.session_pids

    live_server.kill()

    assert not any(is_alive(pid) for pid in session_pids)
