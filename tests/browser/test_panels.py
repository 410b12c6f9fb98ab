"""The panels: instances locked, copied and dropped; videos deleted and brought back."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DEMO_CLIP, Window
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT

SHOW_TOAST = """id => window.__annotator.store.dispatch({
    type: "toast_shown",
    toast: { id, level: "info", message: `Message ${id}`, hint: "Do this" },
})"""
DISMISS_TOAST = "id => window.__annotator.store.dispatch({ type: 'toast_dismissed', id })"

# The open menu, and whether it covers a message.
COVERS = """() => {
    const menu = document.querySelector(".popover:popover-open");
    const [a, b] = [menu, document.getElementById("toasts")].map((n) => n.getBoundingClientRect());
    return [menu.dataset.testid, a.left < b.right && b.left < a.right
        && a.top < b.bottom && b.top < a.bottom];
}"""
OPENERS = ("connection", "model", "regions-button", "instance-menu", "Shift+c")
TOASTS = range(9001, 9005)  # as many as are shown at once


@pytest.fixture
def ada(live_server: LiveServer, page: Page) -> AnnotatorPage:
    annotator = AnnotatorPage(page, live_server.url)
    annotator.open()
    return annotator


@pytest.fixture(scope="module")
def opened(shared_server: LiveServer, window: Window) -> AnnotatorPage:
    annotator = AnnotatorPage(window.page, shared_server.url)
    annotator.open()
    return annotator


def choose(ada: AnnotatorPage, item: str) -> None:
    """An entry of the first instance's menu."""
    ada.page.get_by_test_id("instance-menu").first.click()
    ada.page.get_by_test_id(item).click()


def test_a_locked_instance_takes_no_click_until_it_is_unlocked(ada: AnnotatorPage) -> None:
    ada.press("Shift+l")
    lock = ada.page.get_by_test_id("instance-lock")
    expect(lock).to_have_attribute("aria-pressed", "true")
    ada.page.mouse.click(*ada.screen(*SHAFT))
    expect(ada.page.get_by_test_id("toast")).to_contain_text("locked")
    lock.click()
    expect(lock).to_have_attribute("aria-pressed", "false")
    ada.click(*SHAFT)

    assert ada.drawn_masks() == 1
    assert len(ada.state("annotations.prompts.1/overall.0.points")) == 1


def test_prompts_are_pasted_for_another_pair_on_another_frame(ada: AnnotatorPage) -> None:
    ada.click(*SHAFT)
    ada.press("Control+c", "Tab")
    ada.go_to(3)
    ada.press("Escape")
    ada.press_and_settle("Control+v")

    copied = ada.state("annotations.prompts.1/shaft.3.points")
    assert copied == ada.state("annotations.prompts.1/overall.0.points")
    ada.press_and_settle("u")
    ada.until(lambda: ada.state("annotations.prompts.1/shaft.3") is None)


@pytest.mark.slow
def test_masks_of_a_run_are_dropped_and_brought_back(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)
    ada.propagate()
    choose(ada, "masks-drop")
    ada.until(lambda: list(ada.state("annotations.masks.1/overall")) == ["0"])
    folder = live_server.dirs.outputs / "demo" / "instance1" / "masks_overall"
    left = len(list(folder.iterdir()))
    ada.page.get_by_test_id("toast-action").last.click()

    ada.until(lambda: len(ada.state("annotations.masks.1/overall")) == 90)
    assert (left, len(list(folder.iterdir()))) == (1, 90)


def test_a_message_is_seen_and_answered_over_an_open_dialog(ada: AnnotatorPage) -> None:
    ada.click(*SHAFT)
    ada.page.get_by_test_id("video-item").hover()
    ada.page.get_by_test_id("video-delete").click()
    ada.press("?")
    expect(ada.page.get_by_test_id("help")).to_be_visible()
    expect(ada.page.locator("#help > .toasts").get_by_test_id("toast-action")).to_be_visible()
    ada.page.get_by_test_id("toast-action").click()

    ada.until(lambda: ada.drawn_masks() == 1)
    expect(ada.page.get_by_test_id("help")).to_be_visible()
    ada.press("Escape")
    expect(ada.page.locator("#right > .toasts")).to_have_count(1)


def test_a_deleted_video_comes_back_with_what_was_made_of_it(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)
    ada.page.get_by_test_id("video-item").hover()
    ada.page.get_by_test_id("video-delete").click()
    expect(ada.page.get_by_test_id("welcome")).to_contain_text("No videos yet")
    assert list(live_server.dirs.videos.iterdir()) == []
    ada.page.get_by_test_id("toast-action").click()

    ada.until(lambda: ada.drawn_masks() == 1)
    assert len(ada.state("annotations.prompts.1/overall.0.points")) == 1
    assert [path.name for path in live_server.dirs.videos.iterdir()] == ["demo.mp4"]


def test_a_double_click_deletes_one_video_not_the_next_one_too(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    for name in ("b.mp4", "c.mp4"):
        shutil.copy(DEMO_CLIP, live_server.dirs.videos / name)
    videos = ada.page.get_by_test_id("video-item")
    ada.page.reload()
    expect(videos).to_have_count(3)
    videos.first.hover()
    videos.first.get_by_test_id("video-delete").dblclick()
    expect(videos).to_have_count(2)

    ada.page.wait_for_timeout(500)  # gives a wrong opening the time to happen
    assert len(list(live_server.dirs.videos.iterdir())) == 2


def test_one_instance_alone_hides_the_others_in_this_window_only(ada: AnnotatorPage) -> None:
    ada.click(*SHAFT)
    ada.press("i")
    ada.until(lambda: ada.state("annotations.instance_id") == 2)
    ada.press("Shift+h")
    ada.until(lambda: ada.drawn_masks() == 0)
    ada.page.reload()

    ada.until(lambda: ada.drawn_masks() == 1)


def test_a_changed_key_runs_its_command_also_after_a_reload(ada: AnnotatorPage) -> None:
    ada.press("?")
    ada.page.locator(".key-cap[data-row=boxTool]").click()
    ada.press("k")
    expect(ada.page.get_by_test_id("key-note")).to_contain_text("Keypoint mode")
    ada.page.get_by_test_id("key-take").click()
    ada.press("Escape", "k")
    now = (ada.state("view.tool"), ada.page.get_by_test_id("mode-box").get_attribute("title"))
    ada.page.reload()
    ada.until_drawn(0)
    ada.press("v", "k")

    assert now == ("box", "Box (K)")
    assert ada.state("view.tool") == "box"


def test_the_menu_of_models_says_what_is_in_use_and_what_must_be_fetched(
    ada: AnnotatorPage,
) -> None:
    ada.page.get_by_test_id("model").click()
    menu = ada.page.get_by_test_id("model-menu")
    in_use = re.compile("in use · (cpu|cuda|mps)")

    expect(menu.locator("[data-state=selected]")).to_contain_text(in_use)
    expect(menu.locator("[data-model='sam2.1_hiera_tiny']")).to_contain_text("156 MB to download")
    ada.press("Escape")
    expect(menu).to_be_hidden()
    assert ada.state("playback.frame_idx") == 0


def test_a_region_is_added_and_hidden(ada: AnnotatorPage) -> None:
    ada.click(*SHAFT)
    ada.page.get_by_test_id("regions-button").click()
    ada.page.get_by_test_id("region-new").fill("Left jaw")
    ada.press("Enter")
    expect(ada.page.get_by_test_id("region-chip").last).to_contain_text("left jaw")
    ada.page.get_by_test_id("region-hide").first.click()

    ada.until(lambda: ada.drawn_masks() == 0)
    assert ada.state("view.hidden_regions") == ["overall"]


def test_a_deleted_region_comes_back(ada: AnnotatorPage) -> None:
    ada.press("Tab")
    ada.until(lambda: ada.state("annotations.region") == "shaft")
    ada.page.get_by_test_id("regions-button").click()
    ada.page.get_by_test_id("region-delete").nth(1).click()
    ada.until(lambda: ada.state("annotations.region") == "overall")
    ada.page.get_by_test_id("toast-action").click()

    expect(ada.page.get_by_test_id("region-chip").nth(1)).to_contain_text("shaft")


def test_a_region_in_use_is_not_deleted_and_says_where(
    ada: AnnotatorPage, complaints: list[str]
) -> None:
    ada.click(*SHAFT)
    ada.page.get_by_test_id("regions-button").click()
    ada.page.get_by_test_id("region-delete").first.click()
    expect(ada.page.get_by_test_id("toast")).to_contain_text("prompts or masks in demo")

    assert ada.drawn_masks() == 1
    ada.until(lambda: complaints)
    assert "409" in complaints.pop()  # the browser tells of the refusal, too


def test_an_occluded_keypoint_is_marked_by_key(ada: AnnotatorPage) -> None:
    ada.press("k")
    ada.page.mouse.click(*ada.screen(*SHAFT))
    ada.page.get_by_test_id("keypoint-editor").press("Enter")
    ada.until(lambda: ada.state("annotations.keypoints.1.0") is not None and ada.is_saved())
    ada.press("Shift+k")

    ada.until(lambda: ada.state("annotations.keypoints.1.0.visible") is False)
    eye = ada.page.get_by_test_id("keypoint-occluded")
    expect(eye).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(
    ("button", "menu"), [("regions-button", "region-menu"), ("connection", "connection-menu")]
)
def test_the_button_of_a_menu_closes_it_again(
    opened: AnnotatorPage, kept_page: Page, button: str, menu: str
) -> None:
    opener = opened.page.locator(f"#{button}")
    panel = opened.page.get_by_test_id(menu)

    for is_open in (True, False, True):
        opener.click()
        expect(panel).to_be_visible(visible=is_open)
        expect(opener).to_have_attribute("aria-expanded", str(is_open).lower())


def open_menu(ada: AnnotatorPage, opener: str) -> None:
    """By its button or its key."""
    if "+" in opener:
        ada.press(opener)
    else:
        ada.page.get_by_test_id(opener).first.click()


def test_no_menu_covers_a_message(opened: AnnotatorPage, kept_page: Page) -> None:
    """Neither those that are there when it opens, nor those that come while it is open."""
    seen = []
    for opener in OPENERS:
        open_menu(opened, opener)
        for toast in TOASTS:
            kept_page.evaluate(SHOW_TOAST, toast)
        expect(kept_page.get_by_test_id("toast")).to_have_count(len(TOASTS))
        opened.painted()
        seen.append(kept_page.evaluate(COVERS))
        kept_page.keyboard.press("Escape")
        open_menu(opened, opener)
        seen.append(kept_page.evaluate(COVERS))
        kept_page.keyboard.press("Escape")
        for toast in TOASTS:
            kept_page.evaluate(DISMISS_TOAST, toast)

    assert len({menu for menu, _ in seen}) == len(OPENERS)
    assert [menu for menu, covers in seen if covers] == []
