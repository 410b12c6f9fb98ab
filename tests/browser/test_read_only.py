"""The page with the token to look: it shows and exports everything, and changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DEMO_CLIP, NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT
from tests.workspace_dirs import WorkspaceDirs


@pytest.fixture(scope="module")
def two_tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("two_tokens")
    dirs = WorkspaceDirs.made_in(folder)
    shutil.copy(DEMO_CLIP, dirs.videos)
    options = ("--view-token", "only-look")
    with LiveServer(dirs, folder / "log", *options, token="may-change") as server:
        yield server


def test_who_only_looks_sees_all_exports_and_changes_nothing(
    two_tokens: LiveServer, new_page: NewPage
) -> None:
    ada, guest = (AnnotatorPage(new_page(), two_tokens.url) for _ in range(2))
    ada.page.goto(f"{two_tokens.url}/#t=may-change")
    ada.until_drawn(0)
    ada.click(*SHAFT)
    expect(ada.page.get_by_test_id("read-only")).to_be_hidden()
    page = guest.page
    page.goto(f"{two_tokens.url}/#t=only-look")
    guest.until_drawn(0)
    guest.until(lambda: guest.drawn_masks() == 1)
    expect(page.get_by_test_id("read-only")).to_have_text("Read only")

    expect(page.get_by_test_id("now")).to_contain_text("read only")
    before = guest.mask_revs()
    page.mouse.click(*guest.screen(300, 200))
    expect(page.get_by_test_id("toasts")).to_contain_text("nothing was changed")
    guest.press("t", "c", "u")
    for name in ("add-instance", "import-button", "undo", "upload-button"):
        expect(page.get_by_test_id(name)).to_be_disabled()
    guest.press("ArrowRight")
    guest.until_drawn(1)
    guest.press("ArrowLeft")
    guest.until_drawn(0)

    assert guest.mask_revs() == before
    assert guest.is_saved()
    assert guest.jobs("propagate") == set()
    guest.press("Shift+E")
    page.get_by_test_id("export-start").click()
    with page.expect_download() as started:
        page.get_by_test_id("export-download").first.click()
    assert started.value.path().stat().st_size > 0
    page.keyboard.press("Escape")


def test_the_review_page_says_why_it_approves_nothing(
    two_tokens: LiveServer, new_page: NewPage, complaints: list[str]
) -> None:
    page = new_page()
    page.goto(f"{two_tokens.url}/#t=only-look")
    AnnotatorPage(page, two_tokens.url).until_drawn(0)
    page.goto(f"{two_tokens.url}/review?video=demo")
    expect(page.get_by_test_id("cell").first).to_be_visible()
    expect(page.get_by_test_id("read-only")).to_have_text("Read only")
    page.keyboard.press("y")

    expect(page.locator("#note")).to_contain_text("lets you look and export")
    AnnotatorPage(page, two_tokens.url).until(lambda: complaints)
    assert "403" in complaints.pop()
