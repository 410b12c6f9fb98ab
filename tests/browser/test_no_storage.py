"""A browser that lets no site store anything: the page works, and says what that means."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT, mask_path

REFUSED = """for (const name of ['localStorage', 'sessionStorage']) {
  Object.defineProperty(window, name, {
    get() { throw new DOMException('The operation is insecure.', 'SecurityError'); },
  });
}"""


def test_clicks_are_saved_and_the_user_is_told(live_server: LiveServer, page: Page) -> None:
    page.add_init_script(REFUSED)
    ada = AnnotatorPage(page, live_server.url)
    ada.open()

    expect(page.get_by_test_id("toast").first).to_contain_text("stores nothing for this page")
    ada.click(*SHAFT)

    assert ada.is_saved()
    ada.until(lambda: mask_path(live_server, 0).exists())
