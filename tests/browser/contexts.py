"""Browser contexts that one test hands on to the next: caches stay warm, what was stored goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Frame, Page, ViewportSize

from tests.browser.server import PLAIN_PATH

VIEWPORT: ViewportSize = {"width": 1280, "height": 720}
# Calls that last: a tab on which a test made one is not handed on.
LASTING = ("add_init_script", "emulate_media", "expose_function", "on", "route", "set_content")


class KeptContext:
    """A context with the default options; its tab serves one test after the other.

    The tab keeps its renderer process with the page's scripts compiled: to open the page in a new
    one takes twice as long.
    """

    def __init__(self, browser: Browser) -> None:
        self._context: BrowserContext = browser.new_context(viewport=VIEWPORT)
        self._keeper = self._context.new_page()  # a context without any page ends its processes
        self._session = self._context.new_cdp_session(self._keeper)
        self._watch(self._context, "new_cdp_session", "route")
        self._origins: set[str] = set()
        self._context.on("page", lambda page: page.on("framenavigated", self._note))
        self._tab: Page | None = None
        self._is_lasting = False
        self._before_leaving: Callable[[], None] = lambda: None

    def page(self, before_leaving: Callable[[Page], Callable[[], None]] | None = None) -> Page:
        """The tab, blank; `before_leaving` makes of it what is called when the test is over."""
        if self._tab is None:
            self._tab = self._context.new_page()
            self._watch(self._tab, *LASTING)
        if before_leaving is not None:
            self._before_leaving = before_leaving(self._tab)
        self._is_lasting = False
        return self._tab

    def forget(self) -> None:
        """Close what a test opened, and clear what it stored."""
        for page in self._context.pages:
            if page not in (self._keeper, self._tab):
                page.close()
        self._context.set_offline(False)
        self._before_leaving()
        self._before_leaving = lambda: None
        if self._tab is not None and not self._leave(self._tab):
            self._tab.close()
            self._tab = None
        self._context.clear_cookies()
        while self._origins:
            where = {"origin": self._origins.pop(), "storageTypes": "all"}
            self._session.send("Storage.clearDataForOrigin", where)

    def _leave(self, tab: Page) -> bool:
        """Leave the page for a plain one of its server; whether the tab is as good as new."""
        if self._is_lasting or tab.is_closed():
            return False
        if tab.url == "about:blank":
            return True
        try:
            tab.goto(_origin(tab.url) + PLAIN_PATH)
            tab.evaluate("sessionStorage.clear()")
            tab.mouse.move(0, 0)
            tab.set_viewport_size(VIEWPORT)
        except Error:  # the server is gone, or the tab
            return False
        return True

    def _watch(self, lent: Page | BrowserContext, *names: str) -> None:
        """Notice calls of these names."""
        for name in names:
            setattr(lent, name, partial(self._call_lasting, getattr(lent, name)))

    def _call_lasting(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        self._is_lasting = True
        return call(*args, **options)

    def _note(self, frame: Frame) -> None:
        if frame.url.startswith("http"):
            self._origins.add(_origin(frame.url))


class ContextPool:
    """Contexts that wait for the next test."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: list[KeptContext] = []

    @contextmanager
    def lend(self) -> Iterator[KeptContext]:
        kept = self._idle.pop() if self._idle else KeptContext(self._browser)
        yield kept
        kept.forget()
        self._idle.append(kept)


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"
