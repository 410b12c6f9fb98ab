"""Rules between regions on the page: chosen, drawn, walked and mended, by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.annotating import BODY, DISC
from tests.browser.conftest import NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool

FRAMES = 12


def broken(ada: AnnotatorPage) -> list[int]:
    violations: list[dict[str, Any]] = ada.state("region_rules.violations") or []
    return [violation["frame_idx"] for violation in violations]


def area(ada: AnnotatorPage, frame_idx: int) -> int:
    found: int = ada.state(f"annotations.masks.1/shaft.{frame_idx}.area")
    return found


def test_rules_are_chosen_drawn_walked_and_mended(
    server_pool: ServerPool, moving_clip: Path, new_page: NewPage
) -> None:
    with server_pool.lend(moving_clip) as server:
        ada, bob = (AnnotatorPage(new_page(), server.url) for _ in range(2))
        ada.open("clip.mp4")
        ada.click(*BODY)
        ada.press("Tab")
        ada.click(*DISC)
        ada.press("Alt+t")
        ada.until(lambda: len(ada.state("annotations.masks.1/shaft") or {}) == FRAMES)
        ada.press("Alt+z")
        toast = ada.page.get_by_test_id("toast")
        expect(toast.filter(has_text="There are no rules between regions.")).to_be_visible()
        bob.open("clip.mp4")

        choose_shaft_inside(ada)
        for looker in (ada, bob):  # everybody sees it at once
            looker.until(lambda looker=looker: broken(looker) == list(range(FRAMES)))
        ada.press("Alt+z")
        ada.until_drawn(1)
        shown = toast.filter(has_text="Frame 1, instance 1:")
        expect(shown).to_contain_text("px of its parts outside of the whole")

        ada.press("Shift+Z")
        ada.until(lambda: area(ada, 1) == 0)
        ada.until(lambda: 1 not in broken(ada) and 2 in broken(ada))
        ada.press("Alt+z")
        ada.until_drawn(2)
        ada.press("u")
        ada.until(lambda: area(ada, 1) > 0)
        ada.until(lambda: 1 in broken(ada))

        ada.go_to(2)
        ada.press("[", "ArrowRight", "ArrowRight")
        ada.until_drawn(4)
        ada.press("]", "Shift+Z")
        ada.until(lambda: broken(ada) == [0, 1, *range(5, FRAMES)])
        bob.until(lambda: broken(bob) == [0, 1, *range(5, FRAMES)])

        ada.press("&")
        ada.page.get_by_test_id("rules-none").click()
        for looker in (ada, bob):
            looker.until(lambda looker=looker: broken(looker) == [])
        toast.filter(has_text="No rule").get_by_test_id("toast-action").click()
        ada.until(lambda: (ada.state("region_rules.rules") or {}).get("parts") == ["shaft"])


def choose_shaft_inside(ada: AnnotatorPage) -> None:
    """Choose the shaft as the only part, inside of the whole."""
    ada.press("&")
    parts = ada.page.get_by_test_id("rules-part")
    for at in range(parts.count()):
        parts.nth(at).set_checked(False)
    ada.page.get_by_test_id("rules-save").focus()
    ada.press("Enter")
    expect(ada.page.get_by_test_id("rules-error")).to_contain_text("part")
    parts.first.focus()
    ada.press("Space", "Enter")
    expect(ada.page.get_by_test_id("rules")).to_be_hidden()
