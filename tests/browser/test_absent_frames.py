"""Absent frames on the page: marked by key, button and menu, on a frame or in a range."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.prepared import PreparedWorkspaces, track_all

PAIR = "annotations.masks.1/overall"


@pytest.fixture
def ada(
    server_pool: ServerPool, prepared: PreparedWorkspaces, page: Page
) -> Iterator[AnnotatorPage]:
    """A run over 12 frames."""
    with server_pool.lend_prepared(prepared.made_by(track_all)) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        yield annotator


def absent(ada: AnnotatorPage) -> list[int]:
    return [int(name) for name, mask in ada.state(PAIR).items() if mask.get("absent")]


def test_a_key_a_button_and_the_menu_say_that_it_is_not_here(ada: AnnotatorPage) -> None:
    ada.go_to(5)
    ada.press("w")
    ada.until(lambda: absent(ada) == [5])
    button = ada.page.get_by_test_id("absent")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(ada.page.get_by_test_id("stage-note")).to_contain_text("Marked absent")

    ada.press("n")  # never a suspect
    assert ada.state("playback.frame_idx") == 5
    button.click()
    ada.until(lambda: absent(ada) == [])

    ada.page.get_by_test_id("instance-menu").click()
    ada.page.get_by_test_id("absent-item").click()
    ada.until(lambda: absent(ada) == [5])
    ada.press("u")
    ada.until(lambda: absent(ada) == [])


def test_a_range_is_one_step_and_runs_leave_it_out(ada: AnnotatorPage) -> None:
    ada.press("Shift+W")
    expect(ada.page.get_by_test_id("toasts")).to_contain_text("Mark the range first")
    ada.go_to(6)
    ada.press("[")
    ada.go_to(8)
    ada.press("]", "Shift+W")
    ada.until(lambda: absent(ada) == [6, 7, 8])
    expect(ada.page.get_by_test_id("toasts")).to_contain_text("marked absent on 3 frames, 6 – 8.")

    ada.page.get_by_test_id("range-clear").click()
    ada.propagate()
    assert absent(ada) == [6, 7, 8]
    assert len(ada.state(PAIR)) == 12

    ada.go_to(7)
    ada.press("u")
    ada.until(lambda: absent(ada) == [])
    ada.press("Control+Shift+Z")
    ada.until(lambda: absent(ada) == [6, 7, 8])


def test_the_toast_of_a_range_takes_it_back(ada: AnnotatorPage) -> None:
    ada.go_to(3)
    ada.press("[")
    ada.go_to(4)
    ada.press("]", "Shift+W")
    ada.until(lambda: absent(ada) == [3, 4])

    toasts = ada.page.get_by_test_id("toasts")
    toasts.get_by_role("button", name="Undo").click()

    ada.until(lambda: absent(ada) == [])
    ada.press("Shift+W")
    ada.until(lambda: absent(ada) == [3, 4])
    ada.press("Shift+W")
    ada.until(lambda: absent(ada) == [])
