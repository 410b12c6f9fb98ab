"""The page of one server, pointed at another one that wants its token."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DEMO_CLIP, Complaints
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT
from tests.workspace_dirs import WorkspaceDirs

TOKEN = "remote/token+with=signs"


@pytest.fixture(scope="module")
def gpu_server(
    shared_server: LiveServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """Lets the page of the shared server in, and has a video of its own."""
    folder = tmp_path_factory.mktemp("gpu")
    dirs = WorkspaceDirs.made_in(folder)
    shutil.copy(DEMO_CLIP, dirs.videos / "far.mp4")
    with LiveServer(
        dirs, folder / "log", "--allowed-origin", shared_server.url, token=TOKEN
    ) as server:
        yield server


def point_at(page: Page, address: str, token: str) -> None:
    AnnotatorPage(page, page.url).until_it_listens()
    page.get_by_test_id("connection").click()
    page.get_by_test_id("server-choose").click()
    page.get_by_test_id("server-address").fill(address)
    page.get_by_test_id("server-token").fill(token)
    page.get_by_test_id("server-connect").click()


def test_the_page_works_with_another_server_and_comes_back(
    shared_server: LiveServer, gpu_server: LiveServer, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    ada = AnnotatorPage(page, shared_server.url)
    page.goto(shared_server.url)
    point_at(page, gpu_server.url.removeprefix("http://"), TOKEN)
    expect(page.get_by_test_id("video-name")).to_have_text("far.mp4")
    ada.until_drawn(0)
    ada.click(*SHAFT)
    expect(page.locator(".thumb img")).to_have_js_property("naturalWidth", 112)
    page.goto(shared_server.url)  # it is remembered
    expect(page.get_by_test_id("video-name")).to_have_text("far.mp4")
    page.get_by_test_id("connection").click()
    page.get_by_test_id("server-leave").click()
    expect(page.get_by_test_id("video-name")).to_have_text("demo.mp4")

    mask = gpu_server.dirs.outputs / "far" / "instance1" / "masks_overall" / "00001.png"
    assert mask.is_file()
    assert [url for url in asked if "with" in url] == []
    assert page.url.split("?")[0] == f"{shared_server.url}/"
    assert "server=" not in page.url


def test_a_wrong_token_is_said_and_the_way_back_is_open(
    shared_server: LiveServer, gpu_server: LiveServer, page: Page
) -> None:
    page.goto(shared_server.url)
    point_at(page, gpu_server.url, "wrong-for-this-one")

    expect(page.get_by_test_id("server-error")).to_contain_text("is not 127.0.0.1")
    page.get_by_test_id("server-back").click()
    expect(page.get_by_test_id("video-name")).to_have_text("demo.mp4")


def test_a_server_that_does_not_let_the_page_in_is_said(
    shared_server: LiveServer, gpu_server: LiveServer, page: Page, complaints: Complaints
) -> None:
    complaints.expect("CORS", "ERR_FAILED")
    page.goto(gpu_server.url + f"/#t={TOKEN}")
    expect(page.get_by_test_id("video-name")).to_have_text("far.mp4")
    point_at(page, shared_server.url, "")

    error = page.get_by_test_id("server-error")
    expect(error).to_contain_text(f"--allowed-origin {gpu_server.url}")
    ada = AnnotatorPage(page, gpu_server.url)
    ada.until(
        lambda: any("CORS" in complaint or "ERR_FAILED" in complaint for complaint in complaints)
    )


def test_a_link_to_a_strange_server_asks_first(
    shared_server: LiveServer, gpu_server: LiveServer, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{shared_server.url}/?server={gpu_server.url}")

    expect(page.get_by_test_id("server-error")).to_contain_text("A link points this page at")
    assert [url for url in asked if url.startswith(gpu_server.url)] == []
