"""Two pages on one frame of one video, and two servers on one folder."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer
from tests.journeys import disk
from tests.journeys.page import Page


@pytest.fixture
def server(server_pool: ServerPool, moving_clip: Path) -> Iterator[LiveServer]:
    with server_pool.lend(moving_clip) as server:
        yield server


def rest(server: LiveServer, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_both_clicks_count_once_and_both_pages_end_alike(server: LiveServer) -> None:
    ada, bob = Page(server.url, "ada"), Page(server.url, "bob")
    for page in (ada, bob):
        page.until(lambda page=page: is_ready(page))
    for count in range(5):
        ada.act("add_point", 0, x=20.0 + count, y=30.0, label=1)
        bob.act("add_point", 0, x=50.0 + count, y=40.0, label=1)
    ada.settle()
    bob.settle()
    disk.until_whole(server.dirs.outputs / "clip")
    clicks, _ = disk.points(server.dirs.outputs / "clip")[0]

    def newest(page: Page) -> Any:
        return max(page.of("prompts_changed"), key=lambda event: event["rev"])

    for page in (ada, bob):
        page.until(lambda page=page: newest(page)["points"] == clicks)
        page.close()

    assert newest(ada) == newest(bob)
    assert sorted(click["x"] for click in clicks) == [20.0 + n for n in range(5)] + [
        50.0 + n for n in range(5)
    ]


def test_a_change_against_an_old_state_is_refused(server: LiveServer) -> None:
    ada = Page(server.url, "ada")
    ada.until(lambda: is_ready(ada))
    first = ada.wait(ada.act("add_point", 0, x=30.0, y=30.0, label=1))
    ada.wait(ada.act("add_point", 0, x=31.0, y=30.0, label=1))
    late = ada.wait(ada.act("clear_frame", 0, base_rev=first["rev"]))
    folder = server.dirs.outputs / "clip"
    ada.until(lambda: 0 in disk.points(folder) and len(disk.points(folder)[0][0]) == 2)
    ada.close()
    path = "/api/videos/clip/instances/1/regions/overall/prompts/0"
    body = {"points": [], "box": None, "base_rev": first["rev"]}

    status, answer = rest(server, "PUT", path, body)

    assert (late["status"], late["error"]["code"]) == ("rejected", "conflict")
    assert (status, answer["error"]["code"]) == (409, "conflict")
    assert len(disk.points(folder)[0][0]) == 2


def test_a_second_server_refuses_by_name_and_harms_nothing(
    server: LiveServer, tmp_path: Path
) -> None:
    ada = Page(server.url, "ada")
    ada.until(lambda: is_ready(ada))
    ada.wait(ada.act("add_point", 0, x=30.0, y=30.0, label=1))
    under_way = server.dirs.outputs / "clip/.00001.png.0123456789abcdef.tmp"
    under_way.touch()
    with LiveServer(server.dirs, tmp_path / "second.log") as second:
        left_alone = under_way.exists()
        under_way.unlink(missing_ok=True)
        status, answer = rest(second, "GET", "/api/videos/clip")
    ada.wait(ada.act("add_point", 0, x=50.0, y=40.0, label=1))
    ada.close()

    assert (status, answer["error"]["code"]) == (409, "conflict")
    assert left_alone
    assert "Another server" in answer["error"]["message"]
    disk.until_whole(server.dirs.outputs / "clip")
    assert len(disk.points(server.dirs.outputs / "clip")[0][0]) == 2


def is_ready(page: Page) -> bool:
    return bool(page.ask("open_video", video_id="clip")["video"]["state"] == "ready")
