"""Browser contexts that one test hands on to the next: caches stay warm, what was stored goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Frame, Page, ViewportSize

VIEWPORT: ViewportSize = {"width": 1280, "height": 720}


class KeptContext:
    """A context with the default options whose windows are new to each test."""

    def __init__(self, browser: Browser) -> None:
        self._context: BrowserContext = browser.new_context(viewport=VIEWPORT)
        self._keeper = self._context.new_page()  # a context without any page ends its processes
        self._session = self._context.new_cdp_session(self._keeper)
        self._origins: set[str] = set()
        self._context.on("page", lambda page: page.on("framenavigated", self._note))

    def new_page(self) -> Page:
        return self._context.new_page()

    def forget(self) -> None:
        """Close what a test opened, and clear what it stored."""
        for page in self._context.pages:
            if page != self._keeper:
                page.close()
        self._context.set_offline(False)
        self._context.clear_cookies()
        while self._origins:
            where = {"origin": self._origins.pop(), "storageTypes": "all"}
            self._session.send("Storage.clearDataForOrigin", where)

    def _note(self, frame: Frame) -> None:
        parts = urlsplit(frame.url)
        if parts.scheme in ("http", "https"):
            self._origins.add(f"{parts.scheme}://{parts.netloc}")


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
