"""The picture has most of the screen, nothing lies on it, and the panels make way for it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DEMO_CLIP, NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT
from training.video import write_video

WIDE = "wide.mp4"
# The share of the window that the drawn picture has, as far as it lies on the stage.
SHARE = """() => {
    const { toClient, store } = window.__annotator;
    const { width, height } = store.state.video.open;
    const [from, to] = [toClient(0, 0), toClient(width, height)];
    const stage = document.querySelector("#stage").getBoundingClientRect();
    const wide = Math.min(to.x, stage.right) - Math.max(from.x, stage.left);
    const high = Math.min(to.y, stage.bottom) - Math.max(from.y, stage.top);
    return (wide * high) / (innerWidth * innerHeight);
}"""
# Lists the elements on the picture, looked for at 20 x 20 places of it.
COVERS = """() => {
    const { toClient, store } = window.__annotator;
    const { width, height } = store.state.video.open;
    const steps = [...Array(20).keys()].map((step) => (step + 0.5) / 20);
    const found = steps.flatMap((across) => steps.map((down) => {
        const { x, y } = toClient(width * across, height * down);
        return document.elementFromPoint(x, y).id;
    }));
    return [...new Set(found)];
}"""
# Tells if anything is drawn at the pointer.
AT_POINTER = """() => {
    const { width, height } = document.querySelector("#cursor-layer");
    const context = document.querySelector("#cursor-layer").getContext("2d");
    return context.getImageData(0, 0, width, height).data.some((value) => value > 0);
}"""
# Looks at the pointer in the frame that the next move is drawn in.
AT_NEXT_MOVE = f"""() => {{
    window.__while_moving = null;
    const look = () => {{ window.__while_moving = ({AT_POINTER})(); }};
    addEventListener("pointermove", () => requestAnimationFrame(look), {{ once: true }});
}}"""
# Controls of the open dialog that a toast lies on; what is scrolled out of the dialog is not seen.
UNDER_TOASTS = """() => {
    const dialog = document.querySelector("dialog[open]").getBoundingClientRect();
    const toasts = document.querySelector("dialog[open] > .toasts").getBoundingClientRect();
    return [...document.querySelectorAll("dialog[open] :is(button, input, select)")]
        .filter((node) => node.checkVisibility() && !node.closest(".toasts"))
        .filter((node) => {
            const { left, top, right, bottom } = node.getBoundingClientRect();
            return left < toasts.right && right > toasts.left
                && top < toasts.bottom && Math.min(bottom, dialog.bottom) > toasts.top;
        })
        .map((node) => node.outerHTML.slice(0, 80));
}"""


@pytest.fixture(scope="module")
def two_clips(
    server_pool: ServerPool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """The demo clip, and a few frames of 1280 x 720."""
    wide = tmp_path_factory.mktemp("wide") / WIDE
    write_video(wide, np.full((4, 720, 1280, 3), 90, np.uint8), Fraction(25))
    with server_pool.lend(DEMO_CLIP, wide) as server:
        yield server


@pytest.fixture
def kept(shared_server: LiveServer, kept_page: Page) -> AnnotatorPage:
    """Open the file's one page, ready to click; a test leaves the panels as they were."""
    annotator = AnnotatorPage(kept_page, shared_server.url)
    if annotator.state("video.open") is None:
        annotator.open()
    annotator.press("v")
    return annotator


def share(ada: AnnotatorPage) -> float:
    """The share of the window that the picture has, once the page is laid out."""
    ada.painted()
    return float(ada.page.evaluate(SHARE))


@pytest.mark.parametrize("name", ["demo.mp4", WIDE])
@pytest.mark.parametrize(("width", "height", "least"), [(1280, 720, 0.45), (1920, 1080, 0.6)])
def test_the_picture_has_its_share_of_the_screen(
    two_clips: LiveServer, new_page: NewPage, name: str, width: int, height: int, least: float
) -> None:
    page = new_page(viewport={"width": width, "height": height})
    ada = AnnotatorPage(page, two_clips.url)
    ada.open(name)
    panels_open = share(ada)
    ada.press("Control+s")
    expect(page.get_by_test_id("toast")).to_be_visible()
    covered = page.evaluate(COVERS)
    ada.press("\\")

    assert panels_open >= least
    assert share(ada) >= 0.75
    assert covered == page.evaluate(COVERS) == ["cursor-layer"]


def test_four_lanes_take_nothing_from_the_picture_and_do_not_move_it(
    live_server: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, live_server.url)
    ada.open()
    timeline = page.locator("#time")
    one_lane = timeline.evaluate("node => node.offsetHeight")
    before = ada.screen(0, 0), ada.screen(640, 360)
    for _ in range(4):
        ada.click(*SHAFT)
        ada.press("Tab")
    ada.until(lambda: len(ada.state("annotations.prompts")) == 4)

    assert one_lane < 125
    assert timeline.evaluate("node => node.offsetHeight") == one_lane + 3 * 18
    assert (ada.screen(0, 0), ada.screen(640, 360)) == before
    assert share(ada) >= 0.45


def test_more_lanes_scroll_and_the_picture_keeps_its_share(
    live_server: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, live_server.url)
    ada.open()
    for _ in range(7):
        ada.click(*SHAFT)
        ada.press("Tab")  # after the last region comes the first again
        if ada.state("annotations.region") == "overall":
            ada.press("i")
            ada.until(lambda: len(ada.state("annotations.instances")) == 2)
    ada.until(lambda: len(ada.state("annotations.prompts")) == 7)
    lanes = page.locator(".lane-scroll")

    assert share(ada) >= 0.45
    assert lanes.evaluate("node => node.scrollTop") > 0, "the selected lane is in view"
    page.set_viewport_size({"width": 1920, "height": 1080})
    ada.until(lambda: lanes.evaluate("node => node.scrollHeight - node.clientHeight") == 0)


def test_panels_fold_by_keys_and_stay_folded_after_a_reload(
    shared_server: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, shared_server.url)
    ada.open()
    ada.press("Shift+v", "Shift+b")
    page.reload()
    ada.until_drawn(0)
    for panel, is_shown in (("left", False), ("timeline", False), ("right", True)):
        expect(page.locator(f"#{panel}")).to_be_visible(visible=is_shown)
    ada.press("\\")
    expect(page.locator("#right")).to_be_hidden()
    ada.press("\\")

    expect(page.locator("#right")).to_be_visible()
    expect(page.locator("#left")).to_be_hidden()
    page.get_by_test_id("fold-left").click()
    expect(page.locator("#left")).to_be_visible()
    expect(page.get_by_test_id("fold-time")).to_have_attribute("aria-expanded", "false")


def test_full_screen_by_key(kept: AnnotatorPage) -> None:
    ada, page = kept, kept.page
    ada.press("Shift+F11")
    ada.until(lambda: page.evaluate("document.fullscreenElement !== null"))
    ada.press("Shift+F11")

    ada.until(lambda: page.evaluate("document.fullscreenElement === null"))


def test_cards_fold_to_a_line_but_for_the_selected_one(live_server: LiveServer, page: Page) -> None:
    ada = AnnotatorPage(page, live_server.url)
    ada.open()
    ada.press("i")
    ada.until(lambda: len(ada.state("annotations.instances")) == 2)
    cards = page.get_by_test_id("instance-row")
    ada.press("Shift+m")

    expect(cards.nth(0).get_by_test_id("region-chip").first).to_be_hidden()
    expect(cards.nth(1).get_by_test_id("region-chip").first).to_be_visible()
    ada.press("1")
    expect(cards.nth(0).get_by_test_id("region-chip").first).to_be_visible()
    expect(cards.nth(1).get_by_test_id("region-chip").first).to_be_hidden()


def test_a_label_comes_when_the_pointer_rests_and_a_key_turns_it_off(kept: AnnotatorPage) -> None:
    ada, page = kept, kept.page
    page.mouse.move(*ada.screen(*SHAFT))
    ada.until(lambda: page.evaluate(AT_POINTER))
    page.evaluate(AT_NEXT_MOVE)
    page.mouse.move(*ada.screen(300, 200))
    ada.until(lambda: page.evaluate("window.__while_moving") is not None)
    moving = page.evaluate("window.__while_moving")
    words = page.get_by_test_id("now").inner_text()
    ada.until(lambda: page.evaluate(AT_POINTER))
    ada.press("Shift+q")
    ada.painted()
    off = page.evaluate(AT_POINTER)
    ada.press("Shift+q")

    assert (moving, off) == (False, False)
    assert "overall" in words


def test_the_line_below_the_picture_says_what_a_click_does(
    live_server: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, live_server.url)
    ada.open()
    ada.click(*SHAFT)
    for frame_idx in (1, 2, 3, 4):
        ada.go_to(frame_idx)
        ada.click(*SHAFT)
    now = page.get_by_test_id("now")
    expect(now).to_contain_text("click removes the dot")
    page.mouse.move(*ada.screen(40, 40))
    expect(now).to_contain_text("click adds")
    page.keyboard.down("Shift")
    expect(now).to_contain_text("click removes")
    page.keyboard.up("Shift")
    page.mouse.move(5, 300)

    expect(now).to_contain_text("left adds · right removes")


def test_a_loupe_follows_the_pointer_while_keypoints_are_placed(kept: AnnotatorPage) -> None:
    ada, page = kept, kept.page
    ada.press("k")
    page.mouse.move(*ada.screen(*SHAFT))
    ada.painted()
    magnified = page.evaluate(AT_POINTER)
    ada.press("Alt+m")
    ada.painted()
    off = page.evaluate(AT_POINTER)
    ada.press("Alt+m")

    assert (magnified, off) == (True, False)


@pytest.mark.parametrize("key", ["?", "Shift+e"])
def test_a_toast_covers_no_control_of_an_open_dialog(kept: AnnotatorPage, key: str) -> None:
    ada, page = kept, kept.page
    ada.press("Control+s", key)
    expect(page.locator("dialog[open] > .toasts").get_by_test_id("toast")).to_be_visible()

    assert page.evaluate(UNDER_TOASTS) == []


def test_without_the_right_panel_a_toast_stands_below_the_picture(kept: AnnotatorPage) -> None:
    ada, page = kept, kept.page
    ada.press("Shift+p", "Control+s")
    toast = page.locator(".stage-bar > .toasts").get_by_test_id("toast")

    expect(toast).to_contain_text("Saved")
    box = toast.bounding_box()
    assert box is not None
    assert box["height"] <= 28
    ada.press("Shift+p")
    expect(page.locator("#right > .toasts").get_by_test_id("toast")).to_be_visible()


def test_on_a_phone_the_lists_lie_over_the_page_and_go_when_something_is_chosen(
    two_clips: LiveServer, new_page: NewPage
) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    ada = AnnotatorPage(page, two_clips.url)
    ada.start()
    page.get_by_test_id("fold-left").tap()
    page.get_by_test_id("video-item").filter(has_text="demo").tap()
    ada.until_drawn(0)
    expect(page.locator("#left")).to_be_hidden()
    page.get_by_test_id("fold-right").tap()
    page.get_by_test_id("region-chip").filter(has_text="wrist").tap()
    expect(page.locator("#right")).to_be_hidden()
    page.get_by_test_id("fold-right").tap()
    expect(page.get_by_test_id("propagate")).to_be_in_viewport(ratio=1)
    page.get_by_test_id("sheet-shade").tap(position={"x": 200, "y": 60})

    expect(page.locator("#right")).to_be_hidden()
    assert ada.state("annotations.region") == "wrist"
    heights = [page.get_by_test_id(name).bounding_box() for name in ("review-link", "help-button")]
    middles = [box["y"] + box["height"] / 2 for box in heights if box]
    assert abs(middles[0] - middles[1]) < 4, "the buttons above share a row"
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
