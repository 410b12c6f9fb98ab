"""Drives the page as an annotator does: clicks, presses keys, looks."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page

WAIT_S = 120.0

# The page paints in the next animation frame; one asked for later comes after it.
PAINTED = """(one, name) => new Promise((done) =>
    requestAnimationFrame(() => done(one.getAttribute(name))))"""


class AnnotatorPage:
    """The annotation page of one user. The page forbids `eval`, so waiting is done from here."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self, name: str = "demo.mp4") -> None:
        """Open the page and a video, and wait for its first frame."""
        self.page.goto(self.url)
        self.page.get_by_test_id("video-item").filter(has_text=name).first.click()
        self.until_drawn(0)
        self.until(lambda: self.state("session.model") is not None)

    def start(self) -> None:
        """Open the page and wait until it listens."""
        self.page.goto(self.url)
        self.until_it_listens()

    def until_it_listens(self) -> None:
        """Wait for the page to be put together: a press on a button before that is lost."""
        self.until(lambda: self.page.evaluate("window.__annotator !== undefined"))

    def state(self, path: str) -> Any:
        """A value out of the page's store, by dotted path; None while the page still starts."""
        return self.page.evaluate(
            """path => {
              const state = window.__annotator?.store.state;
              return path.split('.').reduce((at, key) => at?.[key], state);
            }""",
            path,
        )

    def click(
        self, x: float, y: float, *, button: str = "left", modifiers: list[str] | None = None
    ) -> None:
        """Click at source pixels and wait until the mask is drawn and everything is saved."""
        before = self.mask_revs()
        at = self.screen(x, y)
        if modifiers:
            self.page.keyboard.down(modifiers[0])
        self.page.mouse.click(*at, button=button)  # type: ignore[arg-type]
        if modifiers:
            self.page.keyboard.up(modifiers[0])
        self.until(lambda: self.mask_revs() != before and self.is_saved())

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def point_by_keys(self, x: float, y: float) -> None:
        """Let keys move their pointer, which is on, to a source pixel: from the stage's corner."""
        corner = self.page.locator("#cursor-layer").bounding_box()
        assert corner is not None
        self.press(*["Control+ArrowLeft"] * 40, *["Control+ArrowUp"] * 40)
        at = self.screen(x, y)
        for key, way in (("ArrowRight", at[0] - corner["x"]), ("ArrowDown", at[1] - corner["y"])):
            far, near = divmod(round(way), 50)
            steps, fine = divmod(near, 10)
            self.press(*[f"Control+{key}"] * far, *[key] * steps, *[f"Shift+{key}"] * fine)

    def press_and_settle(self, key: str) -> None:
        """Press a key that changes the masks of this frame."""
        before = self.mask_revs()
        self.press(key)
        self.until(lambda: self.mask_revs() != before and self.is_saved())

    def go_to(self, frame_idx: int) -> None:
        """Type a frame number."""
        self.page.get_by_test_id("frame-number").fill(str(frame_idx))
        self.press("Enter")
        self.until_drawn(frame_idx)

    def jobs(self, kind: str) -> set[str]:
        """Ids of the jobs of one kind: a model's may end whenever the page has just opened."""
        jobs: dict[str, Any] = self.state("jobs.by_id") or {}
        return {job_id for job_id, job in jobs.items() if job["kind"] == kind}

    def propagate(self, key: str = "t") -> dict[str, Any]:
        """Press T and wait for the end of the run."""
        known = self.jobs("propagate")
        self.press(key)
        self.until(lambda: self.jobs("propagate") - known)
        (job_id,) = self.jobs("propagate") - known
        self.until(
            lambda: self.state(f"jobs.by_id.{job_id}.state") in ("done", "failed", "cancelled")
        )
        job: dict[str, Any] = self.state(f"jobs.by_id.{job_id}")
        return job

    def screen(self, x: float, y: float) -> tuple[float, float]:
        """Place of a source pixel on the screen."""
        at = self.page.evaluate("([x, y]) => window.__annotator.toClient(x, y)", [x, y])
        return at["x"], at["y"]

    def stage(self, name: str) -> str | None:
        """A data attribute of the stage, once all that happened so far is painted."""
        stage = self.page.get_by_test_id("stage")
        return stage.evaluate(PAINTED, f"data-{name}")  # type: ignore[no-any-return]

    def painted(self) -> None:
        """Wait until all that happened so far is painted: that is done in animation frames."""
        self.stage("frame-idx")

    def mask_revs(self) -> str | None:
        """The masks drawn on the frame on screen, pair by pair."""
        return self.stage("mask-revs")

    def drawn_masks(self) -> int:
        """Count the masks drawn on the frame on screen."""
        return int(self.stage("drawn-masks") or 0)

    def is_saved(self) -> bool:
        """Tell if the server has acknowledged everything."""
        saved = self.page.get_by_test_id("saved")
        return saved.get_attribute("data-unsaved") == "0"

    def until_drawn(self, frame_idx: int) -> None:
        """Wait for a frame to be on screen."""
        self.until(lambda: self.stage("frame-idx") == str(frame_idx))

    def until(self, condition: Any, seconds: float = WAIT_S) -> None:
        """Wait for a condition; the longer it takes, the more seldom it is looked at."""
        end_s, pause_ms = time.monotonic() + seconds, 10.0
        while not condition():
            assert time.monotonic() < end_s, "it did not come"
            self.page.wait_for_timeout(pause_ms)
            pause_ms = min(pause_ms * 1.3, 100)
