"""The page shows things by itself, and remembers what was chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DEMO_CLIP, NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT
from tests.workspace_dirs import WorkspaceDirs


@pytest.fixture
def ada(shared_server: LiveServer, kept_page: Page) -> AnnotatorPage:
    annotator = AnnotatorPage(kept_page, shared_server.url)
    if annotator.state("video.open") is None:
        annotator.open()
    return annotator


@pytest.fixture
def modelless_server(workspace_dirs: WorkspaceDirs) -> Iterator[LiveServer]:
    """Its checkpoint is no checkpoint."""
    folder = workspace_dirs.videos.parent
    (workspace_dirs.videos / "demo.mp4").write_bytes(DEMO_CLIP.read_bytes())
    (folder / "sam2.1_hiera_demo.pt").write_bytes(b"not weights")
    with LiveServer(workspace_dirs, folder / "log", "--checkpoints-dir", str(folder)) as server:
        yield server


def test_the_only_video_opens_by_itself(shared_server: LiveServer, page: Page) -> None:
    ada = AnnotatorPage(page, shared_server.url)
    page.goto(ada.url)

    ada.until_drawn(0)
    expect(page.get_by_test_id("stage-note")).to_contain_text("Click on an object")


def test_a_file_that_is_no_video_says_so_and_another_one_opens(
    live_server: LiveServer, page: Page
) -> None:
    (live_server.dirs.videos / "broken.mp4").write_bytes(b"not really" * 50)
    ada = AnnotatorPage(page, live_server.url)
    ada.start()
    row = page.get_by_test_id("video-item").filter(has_text="broken")
    row.locator(".video").click()
    note = page.get_by_test_id("stage-note")
    expect(note).to_contain_text("broken.mp4 cannot be read as a video. Convert it")
    expect(page.get_by_test_id("welcome")).to_contain_text("cannot be read as a video.Convert it")
    is_whole = "node => node.scrollWidth <= node.clientWidth && getComputedStyle(node).whiteSpace"
    ada.until(lambda: row.get_by_test_id("video-note").evaluate(is_whole) == "normal")
    run = page.get_by_test_id("propagate")
    expect(run).to_be_disabled()
    expect(run).to_have_attribute("title", re.compile("this video cannot be read"))
    ada.press("t")
    expect(page.get_by_test_id("toast")).to_contain_text("Convert it")
    page.get_by_test_id("video-item").filter(has_text="demo").first.click()

    ada.until_drawn(0)
    expect(run).to_be_enabled()
    expect(run).to_have_attribute("title", re.compile(r"Carry the prompts .*\(T\)"))


def test_the_theme_is_dark_then_light_then_the_systems_and_remembered(
    shared_server: LiveServer, new_page: NewPage
) -> None:
    page = new_page(color_scheme="light")
    ada = AnnotatorPage(page, shared_server.url)
    ada.start()
    look = "getComputedStyle(document.body).backgroundColor"
    seen = [page.evaluate(look)]
    for _ in range(2):
        page.get_by_test_id("theme").click()
        page.reload()
        ada.until_it_listens()
        seen.append(page.evaluate(look))

    assert seen == ["rgb(14, 17, 22)", "rgb(243, 245, 248)", "rgb(243, 245, 248)"]
    assert page.evaluate("document.documentElement.dataset.theme ?? null") is None


def test_the_console_stays_silent(shared_server: LiveServer, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    ada = AnnotatorPage(page, shared_server.url)
    ada.open()

    assert said == []


def test_the_pointer_says_what_a_click_will_do(ada: AnnotatorPage) -> None:
    ada.page.mouse.move(*ada.screen(*SHAFT))
    ada.until(lambda: ada.stage("click-does") == "add")
    ada.page.keyboard.down("Shift")
    ada.until(lambda: ada.stage("click-does") == "subtract")
    ada.page.keyboard.up("Shift")
    ada.click(*SHAFT)

    ada.until(lambda: ada.stage("click-does") == "remove")
    ada.page.mouse.click(*ada.screen(*SHAFT))
    ada.until(lambda: ada.stage("click-does") == "add" and ada.stage("points") == "0")


def test_the_latency_chip_says_where_the_time_went(ada: AnnotatorPage) -> None:
    ada.click(*SHAFT)
    chip = ada.page.get_by_test_id("latency")
    expect(chip).to_contain_text("ms")
    title = chip.get_attribute("title") or ""
    ada.press_and_settle("c")

    names = [line.split()[0] for line in title.splitlines()[1:]]
    assert names == ["queue", "encode", "decode", "png", "network", "drawing"]


def test_a_click_that_waits_for_the_model_says_its_place_until_the_mask_is_there(
    ada: AnnotatorPage,
) -> None:
    chip = ada.page.get_by_test_id("latency")
    told = "(fact) => window.__annotator.store.dispatch(fact)"

    ada.page.evaluate(told, {"type": "queued", "seq": 999, "position": 3})
    expect(chip).to_have_text("queued, 3rd")
    ada.page.evaluate(told, {"type": "queued", "seq": 999, "position": 1})
    expect(chip).to_have_text("queued, next")

    ada.page.evaluate(told, {"type": "queue_left", "seq": 999})
    expect(chip).not_to_contain_text("queued")


@pytest.mark.slow
def test_masks_are_stale_after_a_click_and_not_after_its_undo(
    live_server: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, live_server.url)
    ada.open()
    chip = page.get_by_test_id("region-chip").first
    ada.click(*SHAFT)
    ada.propagate()
    ada.until(lambda: chip.get_attribute("data-masks") == "90")
    fresh = chip.get_attribute("data-stale")
    ada.click(500, 60, button="right")

    ada.until(lambda: chip.get_attribute("data-stale") == "true")
    expect(chip).to_have_attribute("title", re.compile("propagate again"))
    ada.press_and_settle("u")
    ada.until(lambda: chip.get_attribute("data-stale") == "false")
    assert fresh == "false"


def test_the_height_of_the_timeline_is_dragged_and_remembered(ada: AnnotatorPage) -> None:
    handle = ada.page.get_by_test_id("splitter").bounding_box()
    timeline = ada.page.get_by_test_id("timeline")
    assert handle is not None
    before = timeline.bounding_box()
    ada.page.mouse.move(handle["x"] + 200, handle["y"] + 4)
    ada.page.mouse.down()
    ada.page.mouse.move(handle["x"] + 200, handle["y"] - 96, steps=5)
    ada.page.mouse.up()
    ada.page.reload()
    ada.until_drawn(0)
    after = timeline.bounding_box()

    assert before is not None
    assert after is not None
    assert after["height"] - before["height"] == pytest.approx(100, abs=2)


def test_without_a_model_the_page_says_so_and_keeps_the_dot(
    modelless_server: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, modelless_server.url)
    page.goto(ada.url)
    ada.until_drawn(0)
    expect(page.get_by_test_id("model")).to_contain_text("not loaded")
    page.mouse.click(*ada.screen(*SHAFT))

    expect(page.get_by_test_id("toast").last).to_contain_text("what you did is saved")
    ada.until(ada.is_saved)
    assert ada.stage("points") == "1"


def test_nothing_turns_for_those_who_want_less_motion(
    shared_server: LiveServer, new_page: NewPage
) -> None:
    page = new_page(reduced_motion="reduce")
    page.goto(shared_server.url)
    expect(page.locator("#saved .icon")).to_be_attached()
    page.get_by_test_id("saved").evaluate("chip => { chip.dataset.unsaved = '1'; }")

    style = "getComputedStyle(document.querySelector('#saved .icon'))"
    assert page.evaluate(f"parseFloat({style}.animationDuration)") < 0.001
    assert page.evaluate(f"{style}.animationIterationCount") == "1"
