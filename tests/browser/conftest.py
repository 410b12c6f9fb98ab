"""A real Chromium on a real server; whatever the page complains about fails the test."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.annotating import make_moving_clip
from tests.browser.contexts import VIEWPORT, ContextPool
from tests.browser.pool import ServerPool
from tests.browser.server import ROOT, LiveServer
from tests.prepared import PreparedWorkspaces

NewPage = Callable[..., Page]
CHROMIUM_NAMES = (
    "chromium-headless-shell",  # without a window to draw: two thirds of the work
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
# A window's own surroundings cost more than our page: pages behind the address bar, and one in
# reserve. The flag replaces Playwright's; the last three are of its list.
SPARED = [
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "SpareRendererForSitePerProcess",
    "HttpsUpgrades",
    "MediaRouter",
    "PaintHolding",
]
CHROMIUM_FLAGS = [
    "--no-sandbox",  # it runs as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(SPARED)}",
]
PATIENCE_MS = 120_000  # a busy machine is slow, not broken
DEMO_CLIP = ROOT / "videos" / "demo.mp4"


class Complaints(list[str]):
    """Errors that a page told its console, with those among them that a test expects."""

    def __init__(self) -> None:
        super().__init__()
        self._expected: tuple[str, ...] = ()

    def expect(self, *words: str) -> None:
        """Let complaints with any of these words pass, whenever they come."""
        self._expected += words

    @property
    def unexpected(self) -> list[str]:
        """The complaints that fail the test."""
        return [text for text in self if not any(words in text for words in self._expected)]


class Window(NamedTuple):
    """A page, and what it complained about."""

    page: Page
    complaints: list[str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


def find_chromium() -> str:
    """The browser of this machine. Without one the tests fail: they never skip in silence."""
    for name in (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES):
        if name and (found := shutil.which(name)):
            return found
    return pytest.fail("No Chromium found. `make test` installs one, or set CHROMIUM to its path.")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_FLAGS, timeout=PATIENCE_MS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server_pool(server_pool: ServerPool, browser: Browser) -> ServerPool:
    """The servers of all tests: pages that look at one are closed when it is handed on."""
    server_pool.browser = browser
    return server_pool


@pytest.fixture
def live_server(server_pool: ServerPool) -> Iterator[LiveServer]:
    """A running server whose only video is the demo clip."""
    with server_pool.lend(DEMO_CLIP) as server:
        yield server


@pytest.fixture(scope="module")
def shared_server(server_pool: ServerPool) -> Iterator[LiveServer]:
    """Start one server for the tests of a file that leave it as they found it."""
    with server_pool.lend(DEMO_CLIP) as server:
        yield server


@pytest.fixture(scope="session")
def moving_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 12 frames in which two things move."""
    return make_moving_clip(tmp_path_factory.mktemp("moving") / "clip.mp4")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedWorkspaces:
    """Workspaces to start from: what people do in them first need not be done by each test."""
    return PreparedWorkspaces(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def complaints() -> Complaints:
    """Complaints of the pages of a test; it says which of them it expects."""
    return Complaints()


@pytest.fixture(scope="session")
def context_pool(browser: Browser) -> ContextPool:
    return ContextPool(browser)


@pytest.fixture
def new_page(
    browser: Browser, context_pool: ContextPool, complaints: Complaints
) -> Iterator[NewPage]:
    """Opens windows of people apart from each other, 1280 x 720; their errors fail the test."""
    with ExitStack() as contexts:

        def listen(page: Page) -> Callable[[], None]:
            return listen_for_complaints(page, complaints)

        def open_page(viewport: ViewportSize = VIEWPORT, **options: Any) -> Page:
            if options:
                context = browser.new_context(viewport=viewport, **options)
                contexts.callback(context.close)
                page = context.new_page()
                listen(page)
            else:
                page = contexts.enter_context(context_pool.lend()).page(before_leaving=listen)
                if viewport != VIEWPORT:
                    page.set_viewport_size(viewport)
            page.set_default_timeout(PATIENCE_MS)
            return page

        yield open_page
    assert complaints.unexpected == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page of its own."""
    return new_page()


@pytest.fixture(scope="module")
def window(context_pool: ContextPool) -> Iterator[Window]:
    """Open one page for the tests of a file that leave it as they found it."""
    complaints: list[str] = []
    with context_pool.lend() as context:
        page = context.page(before_leaving=lambda page: listen_for_complaints(page, complaints))
        page.set_default_timeout(PATIENCE_MS)
        yield Window(page, complaints)


@pytest.fixture
def unguarded_page(context_pool: ContextPool) -> Iterator[Page]:
    """A page without the guard on console errors: a refused connection is one."""
    with context_pool.lend() as context:
        page = context.page()
        page.set_default_timeout(PATIENCE_MS)
        yield page


@pytest.fixture
def kept_page(window: Window) -> Iterator[Page]:
    """The page of the file, 1280 x 720, with no dialog open: to open one costs more than a test."""
    window.page.set_viewport_size(VIEWPORT)
    window.page.keyboard.press("Escape")
    yield window.page
    complaints = [*window.complaints]
    window.complaints.clear()
    assert complaints == []


def is_overtaken(message: ConsoleMessage) -> bool:
    """A picture was asked for and, before the answer, deleted or undone: the browser says so."""
    url = message.location["url"]
    return "404" in message.text and re.search(r"/api/videos/[^/]+/\w+", url) is not None


def listen_for_complaints(page: Page, complaints: list[str]) -> Callable[[], None]:
    """Add errors of the page to a list from now on; returns what ends that."""

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not is_overtaken(message):
            complaints.append(f"console: {message.text} {message.location['url']}")

    def catch(error: Error) -> None:
        complaints.append(f"uncaught: {error}")

    def end() -> None:
        page.remove_listener("console", hear)
        page.remove_listener("pageerror", catch)

    page.on("console", hear)
    page.on("pageerror", catch)
    return end
