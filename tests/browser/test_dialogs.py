"""Dialogs by themselves: each opens whole in its window, and as fast as keys are pressed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_import_export import notes  # noqa: F401 - a fixture


@pytest.fixture(scope="module")
def opened(shared_server: LiveServer, window: Window) -> AnnotatorPage:
    ada = AnnotatorPage(window.page, shared_server.url)
    ada.open()
    ada.until(lambda: ada.state("video.open.state") == "ready")
    return ada


@pytest.fixture
def ada(opened: AnnotatorPage, kept_page: Page) -> AnnotatorPage:
    """Somebody who changes nothing."""
    return opened


def test_one_dialog_follows_the_other_as_fast_as_keys_are_pressed(ada: AnnotatorPage) -> None:
    for _ in range(5):
        ada.press("Shift+E")
        expect(ada.page.get_by_test_id("export-start")).to_be_visible()
        ada.press("Escape", "Shift+I")
        expect(ada.page.get_by_test_id("import-choose")).to_be_visible()
        ada.press("Escape")


@pytest.mark.parametrize("name", ["export", "import", "help", "server"])
def test_a_dialog_opened_again_at_once_stays_open(ada: AnnotatorPage, name: str) -> None:
    ada.page.evaluate(
        """async name => {
          const { store } = window.__annotator;
          const show = (dialog) => store.dispatch({ type: 'dialog_changed', dialog });
          show(name); show(null); show(name);
          for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
        }""",
        name,
    )
    assert ada.state("view.dialog") == name
    expect(ada.page.locator(f"dialog#{name}")).to_be_visible()


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)])
@pytest.mark.parametrize("name", ["import", "export"])
def test_a_dialog_fits_its_window(
    ada: AnnotatorPage,
    notes: Path,  # noqa: F811
    name: str,
    size: tuple[int, int],
) -> None:
    page = ada.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    if not page.get_by_test_id(f"{name}-button").is_visible():  # on a phone its panel is a sheet
        page.get_by_test_id("fold-right").click()
    page.get_by_test_id(f"{name}-button").click()
    if name == "import":
        page.get_by_test_id("import-input").set_input_files(notes)
        expect(page.get_by_test_id("import-frame")).to_have_count(3)
    expect(page.get_by_test_id(f"{name}-start")).to_be_in_viewport(ratio=1)
    box = page.get_by_test_id(name).bounding_box()
    wide = page.get_by_test_id(name).evaluate("node => node.scrollWidth - node.clientWidth")

    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size[0]
    assert box["y"] + box["height"] <= size[1]
    assert wide <= 0
