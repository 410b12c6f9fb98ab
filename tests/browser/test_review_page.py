"""The review page: a grid of masks, approved and rejected by keyboard, live, and back to work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.test_accessibility import found
from tests.flagged_clips import NUM_FRAMES, vanishing, write_clip
from tests.prepared import PreparedWorkspaces, track_all

SECOND = "1/1/overall"  # the cell of frame 1
COLUMNS = """cells => {
    const tops = cells.map((cell) => Math.round(cell.getBoundingClientRect().top));
    return tops.filter((top) => top === tops[0]).length;
}"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A body that leaves."""
    path = tmp_path_factory.mktemp("vanishing") / "clip.mp4"
    write_clip(path, vanishing())
    return path


@pytest.fixture
def ada(
    server_pool: ServerPool, prepared: PreparedWorkspaces, clip: Path, page: Page
) -> Iterator[AnnotatorPage]:
    """Open a video of one pair, a body that leaves, run to the end."""
    with server_pool.lend_prepared(prepared.made_by(track_all, clip)) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        annotator.until(lambda: annotator.drawn_masks() == 1)
        yield annotator


def open_review(ada: AnnotatorPage) -> None:
    ada.press("Alt+y")
    expect(number(ada.page, "cells")).to_have_text(str(NUM_FRAMES))
    expect(ada.page.get_by_test_id("loading")).to_be_hidden()


def number(page: Page, name: str) -> Locator:
    return page.get_by_test_id(f"number-{name}")


def cell(page: Page, frame_idx: int) -> Locator:
    return page.locator(f'[data-cell="{frame_idx}/1/overall"]')


def in_focus(page: Page) -> str | None:
    return page.get_by_test_id("grid").get_attribute("aria-activedescendant")


def test_cells_are_approved_and_rejected_by_keyboard(ada: AnnotatorPage) -> None:
    open_review(ada)

    ada.press("y")
    expect(number(ada.page, "approved")).to_have_text("1")
    expect(cell(ada.page, 0)).to_have_attribute("data-state", "approved")
    ada.until(lambda: in_focus(ada.page) == f"cell-{SECOND}")

    ada.press("x", "2")
    expect(cell(ada.page, 1)).to_contain_text("redo: A part is missing")
    ada.press("x")
    ada.page.get_by_test_id("reason-text").fill("too dark")
    ada.press("Enter")
    expect(cell(ada.page, 2)).to_contain_text("redo: too dark")
    expect(number(ada.page, "rejected")).to_have_text("2")

    ada.press("Control+z")
    expect(number(ada.page, "rejected")).to_have_text("1")
    ada.press("Control+a", "y")
    expect(number(ada.page, "approved")).to_have_text(str(NUM_FRAMES))
    ada.page.reload()
    expect(number(ada.page, "approved")).to_have_text(str(NUM_FRAMES))


def test_keys_walk_and_select_and_what_others_do_is_shown(ada: AnnotatorPage) -> None:
    open_review(ada)
    columns = ada.page.get_by_test_id("cell").evaluate_all(COLUMNS)
    last = NUM_FRAMES - 1
    for key, frame_idx in (
        ("End", last), ("ArrowLeft", last - 1), ("Home", 0), ("ArrowDown", columns),
        ("ArrowUp", 0), ("Shift+ArrowDown", columns), ("Shift+ArrowRight", columns + 1),
        ("Shift+ArrowUp", 1), ("Shift+ArrowLeft", 0),
    ):  # fmt: skip
        ada.press(key)
        ada.until(lambda wanted=f"cell-{frame_idx}/1/overall": in_focus(ada.page) == wanted)  # type: ignore[misc]
        if key.startswith("Shift"):
            expect(cell(ada.page, frame_idx)).to_have_attribute("aria-selected", "true")
    for key in ("PageDown", "PageUp"):
        before = in_focus(ada.page)
        ada.press(key)
        ada.until(lambda before=before: in_focus(ada.page) != before)  # type: ignore[misc]
    ada.press("F1")
    expect(ada.page.get_by_test_id("help")).to_be_visible()
    ada.press("Escape")

    cell(ada.page, 1).click()
    cell(ada.page, 3).click(modifiers=["Shift"])
    ada.press("y")
    expect(number(ada.page, "approved")).to_have_text("3")

    masks = f"{ada.url}/api/videos/clip/instances/1/regions/overall/masks"
    ada.page.request.patch(masks, data={"frames": [[4, 5]], "rejected": True, "reason": "ragged"})
    expect(number(ada.page, "rejected")).to_have_text("2")
    expect(cell(ada.page, 4)).to_contain_text("redo: ragged")


def test_filters_are_in_the_address_and_what_changes_stays_in_place(ada: AnnotatorPage) -> None:
    open_review(ada)
    ada.page.get_by_test_id("filter-state").select_option("waiting")
    cell(ada.page, 0).click()
    ada.press("y")
    expect(number(ada.page, "approved")).to_have_text("1")
    expect(cell(ada.page, 0)).to_be_visible()

    ada.press("r")
    expect(cell(ada.page, 0)).to_have_count(0)
    ada.until(lambda: "state=waiting" in ada.page.url)
    ada.page.get_by_test_id("filter-sort").select_option("worst")
    ada.page.get_by_test_id("filter-flag").select_option("lost")
    expect(ada.page.get_by_test_id("cell").first).to_contain_text("lost")


def test_enter_opens_the_frame_and_backspace_comes_back_to_the_cell(ada: AnnotatorPage) -> None:
    open_review(ada)
    ada.press("ArrowRight", "Enter")

    expect(ada.page.get_by_test_id("review-link")).to_have_text("Back to review")
    ada.until(lambda: ada.state("playback.drawn_idx") == 1)
    ada.press("Backspace")

    expect(number(ada.page, "cells")).to_have_text(str(NUM_FRAMES))
    ada.until(lambda: in_focus(ada.page) == f"cell-{SECOND}")


def test_space_plays_around_the_cell_in_place(ada: AnnotatorPage) -> None:
    open_review(ada)
    canvas = cell(ada.page, 0).locator("canvas")

    shown = set()
    ada.press(" ")
    expect(cell(ada.page, 0)).to_have_class("cell on playing")
    ada.until(lambda: (shown.add(canvas.get_attribute("data-shows")), len(shown) > 3)[1])
    ada.press(" ")
    expect(cell(ada.page, 0)).to_have_class("cell on")


@pytest.mark.parametrize("theme", ["dark", pytest.param("light", marks=pytest.mark.slow)])
def test_axe_finds_nothing(ada: AnnotatorPage, theme: str) -> None:
    if theme == "light":
        ada.page.get_by_test_id("theme").click()
    open_review(ada)
    ada.press("y")
    expect(number(ada.page, "approved")).to_have_text("1")
    assert found(ada.page) == []
    for key, opened in {"x": "reason-dialog", "?": "help"}.items():
        ada.press(key)
        expect(ada.page.get_by_test_id(opened)).to_be_visible()
        assert (key, found(ada.page)) == (key, [])
        ada.press("Escape")
        expect(ada.page.get_by_test_id(opened)).to_be_hidden()


def test_the_first_masks_of_a_batch_are_in_one_grid(ada: AnnotatorPage) -> None:
    request = ada.page.request
    made = request.post(f"{ada.url}/api/batches", data={
        "name": "long", "video_id": "clip", "cut": {"every_frames": 5},
    }).json()  # fmt: skip
    first, second, *_ = [item["video_id"] for item in made["items"]]

    def click(video_id: str) -> None:
        prompts = f"{ada.url}/api/videos/{video_id}/instances/1/regions/overall/prompts/0"
        ada.until(lambda: request.get(f"{ada.url}/api/videos/{video_id}/frames/0.jpg").ok)
        answer = request.put(prompts, data={"points": [{"x": 30, "y": 30, "label": 1}]})
        assert answer.ok, answer.text()

    click(first)
    ada.page.goto(f"{ada.url}/review?batch={made['batch_id']}")
    expect(number(ada.page, "cells")).to_have_text("4")
    expect(number(ada.page, "missing")).to_have_text("3")
    ada.press("y")
    expect(number(ada.page, "approved")).to_have_text("1")

    click(second)
    expect(number(ada.page, "missing")).to_have_text("2")
    expect(ada.page.locator('[data-cell="item/2"]')).to_contain_text("to look at")
