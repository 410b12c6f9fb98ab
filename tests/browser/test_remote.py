"""A server that others can reach: the token is the only way in."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DEMO_CLIP
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT
from tests.workspace_dirs import WorkspaceDirs

TOKEN = "a-token-of-twenty-six-chars"
VIDEO = "videos/demo"
PATHS = ["videos", VIDEO, f"{VIDEO}/frames/0.jpg", f"{VIDEO}/instances", "jobs", "models"]


@pytest.fixture(scope="module")
def remote_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Serve on every address of the machine; the tests reach it over loopback."""
    folder = tmp_path_factory.mktemp("remote")
    dirs = WorkspaceDirs.made_in(folder)
    shutil.copy(DEMO_CLIP, dirs.videos)
    with LiveServer(dirs, folder / "log", "--host", "0.0.0.0", token=TOKEN) as server:
        yield server


def status_of(url: str, *, token: str | None = None) -> int:
    request = urllib.request.Request(url)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_the_url_with_the_token_opens_the_page(remote_server: LiveServer, page: Page) -> None:
    ada = AnnotatorPage(page, remote_server.url)
    page.goto(f"{remote_server.url}/#t={TOKEN}")
    ada.until_drawn(0)
    ada.click(*SHAFT)

    assert ada.drawn_masks() == 1
    assert TOKEN not in page.url
    assert TOKEN not in page.evaluate("document.cookie + JSON.stringify({...localStorage})")


def test_a_reload_needs_no_token_again(remote_server: LiveServer, page: Page) -> None:
    ada = AnnotatorPage(page, remote_server.url)
    page.goto(f"{remote_server.url}/#t={TOKEN}")
    ada.until_drawn(0)
    page.reload()

    ada.until_drawn(0)
    assert not page.get_by_test_id("login").is_visible()


def test_a_link_with_the_token_opens_its_frame(remote_server: LiveServer, page: Page) -> None:
    ada = AnnotatorPage(page, remote_server.url)
    page.goto(f"{remote_server.url}/?video=demo&frame=31&pair=1/wrist#t={TOKEN}")
    ada.until_drawn(31)

    assert page.url == f"{remote_server.url}/?video=demo&frame=31&pair=1/wrist"


def test_without_the_token_the_page_asks_and_shows_nothing(
    remote_server: LiveServer, page: Page
) -> None:
    page.goto(remote_server.url)

    expect(page.get_by_test_id("login")).to_be_visible()
    expect(page.get_by_test_id("video-item")).to_have_count(0)
    assert page.evaluate("__annotator.store.state.video.list") is None
    assert "demo" not in page.content().replace("demo weights", "")


def test_a_wrong_token_is_said_and_the_right_one_lets_in(
    remote_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    page.goto(f"{remote_server.url}/#t=wrong")
    expect(page.get_by_test_id("login-error")).to_contain_text("not this server's token")
    page.get_by_test_id("login-token").fill(TOKEN)
    page.get_by_test_id("login-submit").click()

    ada = AnnotatorPage(page, remote_server.url)
    ada.until_drawn(0)
    expect(page.get_by_test_id("login")).not_to_be_visible()
    ada.until(lambda: complaints)
    assert "401" in complaints.pop()


def test_escape_does_not_close_the_token_form(remote_server: LiveServer, page: Page) -> None:
    page.goto(remote_server.url)
    expect(page.get_by_test_id("login")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Escape")

    expect(page.get_by_test_id("login")).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        "videos",
        "videos/demo",
        "videos/demo/frames/0.jpg",
        "videos/demo/instances",
        "jobs",
        "models",
    ],
)
def test_without_the_token_nothing_can_be_read(path: str, remote_server: LiveServer) -> None:
    url = f"{remote_server.url}/api/{path}"

    assert status_of(url) == 401
    assert status_of(url, token="wrong") == 401
    assert status_of(url, token=TOKEN) == 200


def test_without_the_token_the_socket_is_refused(
    remote_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    page.goto(remote_server.url)
    url = remote_server.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    knock = """url => new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.onopen = () => resolve("open");
        socket.onclose = () => resolve("refused");
    })"""
    refused = page.evaluate(knock, url)

    assert refused == "refused"
    AnnotatorPage(page, remote_server.url).until(lambda: complaints)
    assert "WebSocket" in complaints.pop()


def test_the_session_says_whether_one_is_in(remote_server: LiveServer) -> None:
    with urllib.request.urlopen(f"{remote_server.url}/api/session", timeout=60) as answer:
        session = json.load(answer)

    assert session["authenticated"] is False
