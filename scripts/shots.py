"""Takes pictures of the page, once nothing moves on it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, ViewportSize

from tests.browser.driver import AnnotatorPage

DOCS = Path(__file__).resolve().parents[1] / "docs"
SMALL = ViewportSize(width=1280, height=720)
POINTER = (360.0, 230.0)  # rests here, on the background
RUN_S = 3600.0  # the most that a run may take
COLOURS = 256  # of a small picture


def shoot(ada: AnnotatorPage, name: str) -> None:
    """Rest the pointer and take the picture."""
    ada.page.mouse.move(*ada.screen(*POINTER))
    ada.painted()
    ada.page.screenshot(path=DOCS / name)


def shoot_small(shown: Page | Locator, name: str) -> None:
    """Take a picture of a page or of part of it, in few colours."""
    path = DOCS / name
    shown.screenshot(path=path)
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def close_toasts(ada: AnnotatorPage) -> None:
    """Put every message away."""
    for _ in range(ada.page.get_by_test_id("toast").count()):
        ada.page.get_by_test_id("toast").first.get_by_label("Close").click()


def select(ada: AnnotatorPage, pair: tuple[int, str]) -> None:
    """Select a pair by its chip."""
    instance_id, region = pair
    card = ada.page.locator(f"[data-instance-id='{instance_id}']")
    card.locator(f"[data-region='{region}']").click()


def run_share(ada: AnnotatorPage) -> float:
    """The share of the newest run that is done."""
    runs = [job for job in ada.state("jobs.by_id").values() if job["kind"] == "propagate"]
    return max((job["done"] / max(1, job["total"]) for job in runs), default=0.0)
