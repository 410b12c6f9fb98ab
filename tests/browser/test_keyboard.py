"""Keys after clicks, and the focus walked through the controls without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer

HEAR_ALT = """() => {
  window.__prevented = [];
  for (const type of ["keydown", "keyup"]) {
    addEventListener(type, (event) => {
      if (event.key === "Alt") window.__prevented.push(event.defaultPrevented);
    });
  }
}"""


@pytest.fixture
def ada(shared_server: LiveServer, kept_page: Page) -> AnnotatorPage:
    """Open the first frame of the first region, with no control in focus."""
    annotator = AnnotatorPage(kept_page, shared_server.url)
    if annotator.state("video.open") is None:
        annotator.open()
    if annotator.state("playback.playing"):
        annotator.press(" ")
    annotator.press("Alt+[", "Alt+]")
    annotator.go_to(0)
    annotator.press("Escape")
    while annotator.state("annotations.region") != "overall":
        annotator.press("Tab")
    return annotator


def focused(ada: AnnotatorPage) -> str:
    where = "document.activeElement.dataset.testid ?? document.activeElement.id"
    return str(ada.page.evaluate(where))


def test_after_a_click_on_a_control_tab_switches_the_region(ada: AnnotatorPage) -> None:
    for testid, region in (("video-item", "shaft"), ("direction-both", "wrist")):
        ada.page.get_by_test_id(testid).first.click()
        ada.press("Tab")
        assert ada.state("annotations.region") == region


def test_after_a_click_on_a_control_space_plays(ada: AnnotatorPage) -> None:
    ada.page.get_by_test_id("hide-masks").click()
    ada.press(" ")

    ada.until(lambda: ada.state("playback.frame_idx") > 0)
    assert ada.state("view.masks_hidden") is True


def test_the_arrows_change_the_frame_after_the_opacity_was_dragged(ada: AnnotatorPage) -> None:
    ada.page.get_by_test_id("opacity").click()
    alpha = ada.state("view.alpha")
    ada.press("ArrowRight")

    ada.until_drawn(1)
    assert ada.state("view.alpha") == alpha


def test_f6_walks_through_the_controls_until_escape(ada: AnnotatorPage) -> None:
    ada.press("Escape", "F6", "Tab", "Tab", "Tab")  # search, video, its delete button
    walked = focused(ada)
    ada.press("Escape", "Tab")

    assert walked == "upload-button"
    assert (focused(ada), ada.state("annotations.region")) == ("stage", "shaft")


def test_f6_goes_round_the_panes_and_out_of_a_text_field(ada: AnnotatorPage) -> None:
    ada.press("Escape")
    panes = []
    where = "document.activeElement.closest('#left, #right, #time, #top, .stage-bar, #stage').id"
    for _ in range(6):
        ada.press("F6")
        panes.append(ada.page.evaluate(where))

    assert panes == ["left", "right", "time", "top", "stage-bar", "stage"]
    ada.press("Shift+v", "F6")
    after_folding = ada.page.evaluate(where)
    ada.press("Shift+v")
    assert after_folding == "right"


def test_enter_in_the_search_opens_what_it_found(shared_server: LiveServer, page: Page) -> None:
    page.goto(shared_server.url)
    ada = AnnotatorPage(page, shared_server.url)
    expect(page.get_by_test_id("video-item")).to_be_visible()
    ada.page.get_by_test_id("search").fill("DEM")
    ada.press("Enter")
    ada.until_drawn(0)
    ada.press("ArrowRight")

    ada.until_drawn(1)
    assert focused(ada) == "stage"


def test_after_a_search_tab_goes_through_the_regions(ada: AnnotatorPage) -> None:
    """Reach the search by keys, after which Tab usually goes from control to control."""
    ada.press("Escape", "F6")
    walked = focused(ada)
    ada.press("d", "e", "m", "Enter", "Tab")

    assert walked == "search"
    assert (focused(ada), ada.state("annotations.region")) == ("stage", "shaft")


def test_a_dialog_keeps_its_keys(ada: AnnotatorPage) -> None:
    ada.press("?", "Tab", "ArrowRight")
    open_now = ada.page.get_by_test_id("help").is_visible()
    ada.press("Escape", "ArrowRight")

    ada.until_drawn(1)
    assert open_now
    assert ada.state("annotations.region") == "overall"


def test_brackets_that_need_alt_gr_mark_the_range(ada: AnnotatorPage) -> None:
    """German keyboards write them with AltGr, which Windows reports as Ctrl and Alt."""
    for key in ("[", "ArrowRight", "]"):
        held = "Control+Alt+" if key in "[]" else ""
        ada.press(held + key)
        ada.until_drawn(1 if key != "[" else 0)

    ada.until(lambda: ada.state("playback.range") == {"start": 0, "end": 1})


def test_alt_by_itself_is_kept_from_the_menu_of_the_browser(ada: AnnotatorPage) -> None:
    """Firefox opens its menu by it, which then takes the keys that follow."""
    ada.page.evaluate(HEAR_ALT)
    ada.press("Alt", "ArrowRight")
    ada.until_drawn(1)
    ada.page.get_by_test_id("frame-number").focus()
    ada.press("Alt")

    prevented = ada.page.evaluate("window.__prevented")
    assert prevented[:2] == [True, True]
    assert prevented[2] is False  # a text field keeps what the system does with its keys
