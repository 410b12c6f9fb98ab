from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.browser.conftest import listen_for_complaints
from tests.browser.driver import AnnotatorPage


def test_a_console_error_is_heard(browser: Browser) -> None:
    page = browser.new_page()
    complaints = listen_for_complaints(page)

    page.evaluate("console.error('broken')")
    page.evaluate("setTimeout(() => { throw new Error('thrown'); })")
    AnnotatorPage(page, page.url).until(lambda: len(complaints) == 2)
    page.close()

    assert complaints[0].startswith("console: broken")
    assert complaints[1:] == ["uncaught: thrown"]


def test_a_quiet_page_passes(page: Page) -> None:
    page.set_content("<h1>Quiet</h1>")

    assert page.inner_text("h1") == "Quiet"
