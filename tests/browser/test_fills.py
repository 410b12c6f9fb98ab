"""Fills on the page: the gap around a frame filled from both sides, by keyboard."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.annotating import BODY, make_moving_clip
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool

PAIR = "annotations.masks.1/overall"


def runs(ada: AnnotatorPage, *frames: int) -> set[int | None]:
    masks = ada.state(PAIR) or {}
    return {masks.get(str(idx), {}).get("run") for idx in frames}


def test_gaps_are_filled_from_prompted_and_approved_frames_and_taken_back(
    server_pool: ServerPool, tmp_path: Path, page: Page
) -> None:
    with server_pool.lend(make_moving_clip(tmp_path / "clip.mp4")) as server:
        ada = AnnotatorPage(page, server.url)
        ada.open("clip.mp4")
        ada.click(*BODY)
        ada.press("/")
        toast = ada.page.get_by_test_id("toast")
        expect(toast.filter(has_text="There is no gap to fill here.")).to_be_visible()

        ada.go_to(8)
        ada.click(BODY[0] + 16, BODY[1])
        ada.go_to(4)
        ada.press("/")
        ada.until(lambda: runs(ada, *range(1, 8)) == {1})
        ada.until(lambda: all(f"{ada.state(f'{PAIR}.{idx}.agreement')}" > "0" for idx in (1, 4, 7)))
        card = ada.page.get_by_test_id("job-card").first
        expect(card).to_contain_text("→ ← frames 0 – 8")
        expect(card).to_have_attribute("data-state", "done")

        ada.go_to(8)
        ada.press("j")
        ada.until(lambda: runs(ada, 9, 10, 11) == {2})
        ada.go_to(11)
        ada.press("y")
        ada.until(lambda: ada.state(f"{PAIR}.11.approved"))
        ada.go_to(10)
        ada.press("/")
        expect(toast.filter(has_text="Frame 11 is approved, but no prompt.")).to_be_visible()
        assert ada.state("annotations.prompts.1/overall.11") is None
        ada.press("/")
        ada.until(lambda: runs(ada, 9, 10) == {3})
        ada.until(lambda: ada.state("annotations.prompts.1/overall.11.mask"))
        expect(card).to_contain_text("→ ← frames 8 – 11")
        expect(card).to_have_attribute("data-state", "done")

        ada.press("Alt+h")
        rows = ada.page.get_by_test_id("run-row")
        expect(rows.first).to_contain_text("Run 3: fill · 1 overall · → ← frames 8 – 11")
        rows.first.get_by_test_id("run-back").click()
        ada.until(lambda: runs(ada, 9, 10) == {2})
        ada.press("Escape")
        ada.press("u")
        ada.until(lambda: runs(ada, 9, 10) == {3})
        page.close()
