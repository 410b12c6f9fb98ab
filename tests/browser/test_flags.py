"""A run that goes astray, on the page: paused, looked at, gone on with, found again by key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.annotating import BODY
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.flagged_clips import GONE, vanishing, write_clip


@pytest.fixture
def ada(server_pool: ServerPool, tmp_path: Path, page: Page) -> Iterator[AnnotatorPage]:
    clip = tmp_path / "clip.mp4"
    write_clip(clip, vanishing())
    with server_pool.lend(clip) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        annotator.click(*BODY)
        yield annotator


def test_a_run_pauses_where_the_object_is_lost_and_goes_on(ada: AnnotatorPage) -> None:
    ada.page.get_by_test_id("on-guard-pause").click()
    job = ada.propagate()
    card = ada.page.get_by_test_id("job-card")

    expect(card).to_contain_text(f"Paused at frame {GONE}")
    expect(card).to_contain_text("overall: lost")
    assert job["paused"]["frame_idx"] == GONE
    card.get_by_test_id("job-show").click()
    ada.until_drawn(GONE)
    card.get_by_test_id("job-resume").click()
    expect(card).to_contain_text("Done")
    expect(card).to_have_count(1)


@pytest.mark.slow
def test_a_paused_run_is_shown_after_a_reload(ada: AnnotatorPage) -> None:
    ada.page.get_by_test_id("on-guard-pause").click()
    ada.propagate()

    ada.page.reload()

    expect(ada.page.get_by_test_id("job-card")).to_contain_text(f"Paused at frame {GONE}")
    assert ada.state("view.on_guard") == "pause"


def test_s_finds_what_a_run_flagged_and_the_timeline_says_it(ada: AnnotatorPage) -> None:
    ada.propagate()
    ada.press("s")
    ada.until_drawn(GONE)
    note = ada.page.locator("#stage-note")
    expect(note).to_contain_text("lost: a click here corrects it. Gone from 6 to 19?")

    lane = ada.page.locator(".timeline-slider canvas.lanes")
    box = lane.bounding_box()
    assert box is not None
    ada.page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 9)

    slider = ada.page.get_by_test_id("timeline-slider")
    expect(slider).to_have_attribute("title", f"1 overall, frames {GONE}–19: lost")
    ada.press("End", "Shift+s")
    ada.until_drawn(GONE)
