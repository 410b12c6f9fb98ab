"""Corrections on the page: T tracks only what they change, undo and redo track nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.annotating import make_still_clip
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool

MASKS = "annotations.masks.1/overall"
NUM_FRAMES = 40
BOX, EDGE = (40, 30), (62, 30)  # on the object, and a little beside it


@pytest.fixture
def ada(server_pool: ServerPool, tmp_path: Path, page: Page) -> Iterator[AnnotatorPage]:
    """A run over the whole clip, and corrections on two of its frames."""
    clip = make_still_clip(tmp_path / "clip.mp4", NUM_FRAMES)
    with server_pool.lend(clip) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        annotator.press("Alt+w")  # the stage stays: to draw every frame costs as much as to track
        annotator.click(*BOX)
        annotator.propagate()
        for frame_idx in (5, 25):
            annotator.go_to(frame_idx)
            annotator.click(*EDGE, button="right")
        yield annotator


def runs(ada: AnnotatorPage) -> dict[int, int]:
    return {int(name): mask["run"] for name, mask in ada.state(MASKS).items() if mask["run"]}


def areas(ada: AnnotatorPage) -> dict[str, int]:
    return {name: mask["area"] for name, mask in ada.state(MASKS).items() if mask["run"]}


def is_stale(ada: AnnotatorPage) -> bool:
    return any(mask["stale"] for mask in ada.state(MASKS).values())


def test_corrections_are_tracked_undone_and_redone(ada: AnnotatorPage) -> None:
    before = areas(ada)
    job = ada.propagate()
    ada.until(lambda: not is_stale(ada))
    made = [idx for idx, run in runs(ada).items() if run == 2]
    after, known = areas(ada), ada.jobs("propagate")

    card = ada.page.get_by_test_id("job-card").first
    expect(card).to_contain_text(f"{job['tracked']} of {NUM_FRAMES} frames tracked anew")
    expect(card.get_by_test_id("job-full")).to_contain_text("Alt+F")
    assert {6, 26} <= {*made}
    assert len(made) + 2 <= job["tracked"] < NUM_FRAMES

    ada.press("u")
    ada.until(lambda: areas(ada).items() >= before.items())
    assert set(runs(ada).values()) == {1}
    ada.press("Control+y")
    ada.until(lambda: areas(ada) == after)

    assert ada.jobs("propagate") == known
    assert ada.propagate("Alt+f")["mode"] == "full"
    assert set(runs(ada).values()) == {3}


@pytest.mark.slow
def test_by_choice_clicks_are_outlined_before_and_tracked_on_after(ada: AnnotatorPage) -> None:
    ada.press(":")
    ada.page.mouse.move(*ada.screen(*BOX))
    ada.until(lambda: ada.state("view.tried.pair") == "1/overall")
    rev = ada.state(f"{MASKS}.25.rev")
    ada.press(":")
    assert (ada.state("view.tried"), ada.state(f"{MASKS}.25.rev")) == (None, rev)

    ada.propagate()
    known = ada.jobs("propagate")
    ada.page.keyboard.press("F1")
    ada.page.get_by_test_id("habit-retrack").check()
    ada.page.keyboard.press("Escape")
    ada.go_to(35)
    ada.click(*EDGE, button="right")

    ada.until(lambda: ada.jobs("propagate") - known)
    (job_id,) = ada.jobs("propagate") - known
    ada.until(lambda: ada.state(f"jobs.by_id.{job_id}.state") == "done")
    assert ada.state(f"jobs.by_id.{job_id}.mode") == "stretch"
