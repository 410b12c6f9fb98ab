"""Drives the page as an annotator does, in an engine that Playwright does not drive."""

from __future__ import annotations

import time
from typing import Any, cast

from tests.browser.driver import PAINTED, WAIT_S, AnnotatorPage
from tests.browser.engines.engine import Engine, Pointer

Place = tuple[float, float]

FOUND = '(name) => document.querySelector(`[data-testid="${name}"]`)'
ATTRIBUTE = f"([name, attribute]) => ({FOUND})(name)?.getAttribute(attribute)"
ON_STAGE = f"(name) => ({PAINTED})(({FOUND})('stage'), name)"
MIDDLE = """([name, words]) => {
  const all = [...document.querySelectorAll(`[data-testid="${name}"]`)];
  const found = all.find((element) => element.textContent.includes(words));
  if (!found || found.disabled) return null;
  const { x, y, width, height } = found.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
}"""


class EngineAnnotator(AnnotatorPage):
    """The annotation page in one window of an engine."""

    def __init__(self, engine: Engine, url: str) -> None:
        super().__init__(cast(Any, engine), url)
        self.engine = engine

    def open(self, name: str = "demo.mp4") -> None:
        self.start()
        self.press_on("video-item", name)
        self.until_drawn(0)
        self.until(lambda: self.state("session.model") is not None)

    def until_it_listens(self) -> None:
        self.until(lambda: self.engine.evaluate("() => window.__annotator !== undefined"))

    def press_on(self, name: str, words: str = "") -> None:
        """Click a control by its test id and a part of its text, once it is there."""
        self.until(lambda: self.engine.evaluate(MIDDLE, [name, words]) is not None)
        self.engine.point(Pointer((tuple(self.engine.evaluate(MIDDLE, [name, words])),)))

    def click(
        self, x: float, y: float, *, button: str = "left", modifiers: list[str] | None = None
    ) -> None:
        before = self.mask_revs()
        held = tuple(modifiers or ())
        self.engine.point(Pointer((self.screen(x, y),), button, held))
        self.until(lambda: self.mask_revs() != before and self.is_saved())

    def stroke(self, *places: Place) -> None:
        """Drag through places of the frame, and wait until the mask is saved."""
        before = self.mask_revs()
        self.drag(*places)
        self.until(
            lambda: self.mask_revs() != before and "null" not in (self.mask_revs() or "null")
        )
        self.until(self.is_saved)

    def drag(self, *places: Place) -> None:
        """Press at a place of the frame, go through others, release."""
        self.engine.point(Pointer(tuple(self.screen(*place) for place in places)))

    def press(self, *keys: str) -> None:
        for key in keys:
            *held, name = key.split("+")
            self.engine.keys(name, held=tuple(held))

    def attribute(self, name: str, attribute: str) -> str | None:
        """An attribute of an element, by its test id; None if either is missing."""
        value: str | None = self.engine.evaluate(ATTRIBUTE, [name, attribute])
        return value

    def stage(self, name: str) -> str | None:
        value: str | None = self.engine.evaluate(ON_STAGE, f"data-{name}")
        return value

    def is_saved(self) -> bool:
        return self.attribute("saved", "data-unsaved") == "0"

    def until(self, condition: Any, seconds: float = WAIT_S) -> None:
        end_s, pause_s = time.monotonic() + seconds, 0.02
        while not condition():
            assert time.monotonic() < end_s, "it did not come"
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.3, 0.2)
