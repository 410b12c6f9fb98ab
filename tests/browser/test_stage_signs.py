"""The stage tells stale masks, the selected pair, and clicks that add or take away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.annotating import BODY, DISC, make_moving_clip
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool

# Counts the pixels of the mask layer that are painted at least that strongly.
STRONG = """(least) => {
    const layer = document.querySelector("#mask-layer");
    const { data } = layer.getContext("2d").getImageData(0, 0, layer.width, layer.height);
    let count = 0;
    for (let at = 3; at < data.length; at += 4) count += data[at] >= least;
    return count;
}"""


@pytest.fixture
def ada(server_pool: ServerPool, tmp_path: Path, page: Page) -> Iterator[AnnotatorPage]:
    with server_pool.lend(make_moving_clip(tmp_path / "clip.mp4", 6)) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        annotator.click(*BODY)
        yield annotator


def strong(ada: AnnotatorPage, least: int) -> int:
    ada.painted()
    return int(ada.page.evaluate(STRONG, least))


def test_a_stale_mask_is_dashed_and_says_what_runs_it_again(ada: AnnotatorPage) -> None:
    ada.propagate()
    ada.go_to(3)
    ada.until(lambda: ada.drawn_masks() == 1)
    solid = strong(ada, 250)
    ada.go_to(0)
    ada.click(50, 40)
    ada.go_to(3)
    ada.until(lambda: ada.drawn_masks() == 1)

    expect(ada.page.get_by_test_id("stage-note")).to_have_text("stale:Truns it again")
    assert 0 < strong(ada, 250) < 0.8 * solid
    ada.propagate()
    expect(ada.page.get_by_test_id("stage-note")).to_be_hidden()


def test_the_other_pairs_have_an_opacity_of_their_own(ada: AnnotatorPage) -> None:
    ada.press("Tab")
    ada.click(*DISC)
    least = 76  # between their opacity now and the selected pair's
    before = strong(ada, least)
    for _ in range(5):
        ada.press("Control+ArrowUp")
    ada.until(lambda: strong(ada, least) > 1.5 * before)
    slider = ada.page.get_by_test_id("others-opacity")

    expect(slider).to_have_value("100")
    slider.fill("0")
    ada.until(lambda: strong(ada, least) < 1.2 * before)
    assert ada.state("view.others_alpha") == 0


def test_a_second_click_on_a_new_dot_adds_and_later_takes_it_away(ada: AnnotatorPage) -> None:
    at = ada.screen(40, 40)
    ada.page.mouse.click(*at)
    ada.page.mouse.click(at[0] + 3, at[1])
    ada.until(lambda: ada.is_saved() and ada.stage("points") == "3")

    ada.until(lambda: ada.stage("click-does") == "remove")
    ada.page.mouse.click(at[0] + 3, at[1])
    ada.until(lambda: ada.is_saved() and ada.stage("points") == "2")


def test_ctrl_adds_on_an_old_dot(ada: AnnotatorPage) -> None:
    at = ada.screen(*BODY)
    ada.page.mouse.move(at[0] + 40, at[1])
    ada.page.mouse.move(*at)
    ada.until(lambda: ada.stage("click-does") == "remove")
    ada.page.keyboard.down("Control")
    ada.page.mouse.click(*at)
    ada.page.keyboard.up("Control")

    ada.until(lambda: ada.is_saved() and ada.stage("points") == "2")
