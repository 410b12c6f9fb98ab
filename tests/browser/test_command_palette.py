"""The command palette: every command by a part of its name, and videos, instances and frames."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer

KEYMAP_NAMES = (
    "import('/static/js/input/keymap.js').then(({ KEYMAP }) => KEYMAP.map((row) => row.name))"
)


@pytest.fixture
def ada(shared_server: LiveServer, kept_page: Page) -> AnnotatorPage:
    annotator = AnnotatorPage(kept_page, shared_server.url)
    if annotator.state("video.open") is None:
        annotator.open()
    return annotator


def find(ada: AnnotatorPage, query: str) -> None:
    """Open the palette and type."""
    ada.press("Control+k")
    ada.page.get_by_test_id("command-query").fill(query)


def test_it_offers_every_command_of_the_keymap(ada: AnnotatorPage) -> None:
    ada.press("Control+k")
    rows = ada.page.get_by_test_id("command-row")
    names = ada.page.evaluate(KEYMAP_NAMES)

    assert rows.evaluate_all("rows => rows.map((row) => row.dataset.name)") == names
    expect(ada.page.get_by_role("combobox")).to_be_focused()
    expect(ada.page.get_by_role("listbox").get_by_role("option")).to_have_count(len(names))


def test_a_part_of_a_name_and_enter_run_a_command(ada: AnnotatorPage) -> None:
    find(ada, "brus")
    expect(ada.page.get_by_role("option", selected=True)).to_contain_text("Brush")
    expect(ada.page.get_by_role("option", selected=True).locator("kbd")).to_have_text("P")
    ada.press("Enter")

    expect(ada.page.get_by_test_id("commands")).to_be_hidden()
    assert ada.state("view.tool") == "brush"


def test_arrows_choose_and_a_screen_reader_hears_of_it(ada: AnnotatorPage) -> None:
    find(ada, "zoom")
    field = ada.page.get_by_test_id("command-query")
    first = field.get_attribute("aria-activedescendant")
    ada.press("ArrowDown")
    second = ada.page.get_by_role("option", selected=True).get_attribute("id")
    ada.press("ArrowUp", "ArrowUp")
    last = ada.page.get_by_test_id("command-row").last.get_attribute("aria-selected")

    assert first != second
    assert last == "true"


def test_it_goes_to_a_frame_an_instance_and_a_video(ada: AnnotatorPage) -> None:
    find(ada, "42")
    ada.press("Enter")
    ada.until_drawn(42)
    find(ada, "1 grip")
    ada.press("Enter")
    assert ada.state("annotations.region") == "gripper"
    find(ada, "demo.mp4")
    ada.press("Enter")

    expect(ada.page.get_by_test_id("commands")).to_be_hidden()


def test_it_opens_from_a_text_field_and_gives_the_focus_back(ada: AnnotatorPage) -> None:
    ada.page.get_by_test_id("search").click()
    ada.press("Control+k")
    expect(ada.page.get_by_test_id("command-query")).to_be_focused()
    ada.press("Control+k")
    expect(ada.page.get_by_test_id("commands")).to_be_hidden()
    expect(ada.page.get_by_test_id("search")).to_be_focused()
    find(ada, "type a frame")
    ada.press("Enter")

    expect(ada.page.get_by_test_id("frame-number")).to_be_focused()


def test_it_says_when_nothing_is_called_so(ada: AnnotatorPage) -> None:
    find(ada, "zzqx")

    expect(ada.page.get_by_test_id("command-none")).to_have_text("Nothing is called “zzqx”.")
    ada.press("Enter")
    expect(ada.page.get_by_test_id("commands")).to_be_visible()


def test_one_of_its_rows_is_pressed_with_the_mouse(ada: AnnotatorPage) -> None:
    ada.page.get_by_test_id("commands-button").click()
    ada.page.get_by_test_id("command-query").fill("box mode")
    ada.page.get_by_test_id("command-row").first.click()

    assert ada.state("view.tool") == "box"
