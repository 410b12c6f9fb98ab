"""Axe finds nothing on any surface of the page, in both themes and on narrow screens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.annotating import BODY
from tests.browser.conftest import Complaints, NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer
from tests.browser.test_annotating import BACKGROUND, SHAFT
from tests.workspace_dirs import WorkspaceDirs

TOKEN = "accessible-for-tests"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MENUS = {  # by test id of the opener: the test id of the menu
    "regions-button": "region-menu",
    "model": "model-menu",
    "connection": "connection-menu",
    "latency": "latency-parts",
    "instance-menu": "instance-actions",
    "commands-button": "commands",
    "help-button": "help",
    "export-button": "export",
    "import-button": "import",
    "trash-button": "trash",
}


@pytest.fixture
def locked_server(workspace_dirs: WorkspaceDirs, tmp_path: Path) -> Iterator[LiveServer]:
    """No videos, and a token."""
    with LiveServer(workspace_dirs, tmp_path / "server.log", token=TOKEN) as server:
        yield server


def found(page: Page) -> list[str]:
    """Each violation with what breaks it."""
    options = {"resultTypes": ["violations"], "runOnly": RULES}
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {[node['html'] for node in violation['nodes']]}"
        for violation in violations
    ]


@pytest.mark.parametrize("theme", ["dark", pytest.param("light", marks=pytest.mark.slow)])
def test_the_working_page_and_all_its_menus(
    shared_server: LiveServer, new_page: NewPage, theme: str
) -> None:
    ada = AnnotatorPage(new_page(viewport={"width": 1920, "height": 1080}), shared_server.url)
    ada.open()
    if theme == "light":
        ada.page.get_by_test_id("theme").click()
    ada.click(*(SHAFT if theme == "dark" else BACKGROUND))
    assert found(ada.page) == []
    for opener, opened in MENUS.items():
        ada.page.get_by_test_id(opener).first.click()
        expect(ada.page.get_by_test_id(opened)).to_be_visible()
        assert (opener, found(ada.page)) == (opener, [])
        ada.press("Escape")
        expect(ada.page.get_by_test_id(opened)).to_be_hidden()
    for key in ("Shift+X", "Shift+R"):
        ada.press(key)
        expect(ada.page.get_by_test_id("repair")).to_be_visible()
        assert (key, found(ada.page)) == (key, [])
        ada.page.get_by_test_id("repair-close").click()


def test_a_run_a_keypoint_and_a_toast(
    server_pool: ServerPool, moving_clip: Path, page: Page
) -> None:
    with server_pool.lend(moving_clip) as server:
        ada = AnnotatorPage(page, server.url)
        ada.open("clip.mp4")
        ada.press("Escape", "k")
        page.mouse.click(*ada.screen(*BODY))
        page.get_by_test_id("keypoint-editor").press("Enter")
        ada.press("v")
        ada.click(*BODY)
        ada.propagate()
        ada.press("c")
        expect(page.get_by_test_id("toast").first).to_be_visible()

        assert found(page) == []


def test_a_narrow_screen(shared_server: LiveServer, new_page: NewPage) -> None:
    ada = AnnotatorPage(new_page(viewport={"width": 390, "height": 844}), shared_server.url)
    ada.start()
    ada.until_drawn(0)
    assert found(ada.page) == []
    for panel in ("left", "right"):
        ada.page.get_by_test_id(f"fold-{panel}").click()
        expect(ada.page.locator(f"#{panel}")).to_be_visible()
        assert (panel, found(ada.page)) == (panel, [])
        ada.press("Escape")


def test_panels_folded_and_cards_as_lines(shared_server: LiveServer, page: Page) -> None:
    ada = AnnotatorPage(page, shared_server.url)
    ada.open()
    ada.press("Shift+m")
    assert found(page) == []
    ada.press("\\", "Control+s")
    expect(page.get_by_test_id("toast").first).to_be_visible()

    assert found(page) == []


def test_the_login_and_a_page_without_videos(
    locked_server: LiveServer, page: Page, complaints: Complaints
) -> None:
    complaints.expect("401")  # the browser tells of the refusal before the login
    page.goto(locked_server.url)
    expect(page.get_by_test_id("login")).to_be_visible()
    login = found(page)
    page.get_by_test_id("login-token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("welcome")).to_contain_text("No videos yet")

    assert (login, found(page)) == ([], [])


def test_the_choice_of_a_server(shared_server: LiveServer, page: Page) -> None:
    AnnotatorPage(page, shared_server.url).start()
    page.get_by_test_id("connection").click()
    page.get_by_test_id("server-choose").click()
    expect(page.get_by_test_id("server")).to_be_visible()

    assert found(page) == []
