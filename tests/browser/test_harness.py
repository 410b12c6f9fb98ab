from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.browser.conftest import listen_for_complaints
from tests.browser.contexts import ContextPool
from tests.browser.driver import AnnotatorPage
from tests.browser.server import PLAIN_PATH, LiveServer


def test_a_console_error_is_heard(browser: Browser) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    end = listen_for_complaints(page, complaints)

    page.evaluate("console.error('broken')")
    page.evaluate("setTimeout(() => { throw new Error('thrown'); })")
    AnnotatorPage(page, page.url).until(lambda: len(complaints) == 2)
    end()
    page.evaluate("console.error('nobody listens')")
    page.close()

    assert len(complaints) == 2
    assert complaints[0].startswith("console: broken")
    assert complaints[1:] == ["uncaught: thrown"]


def test_a_quiet_page_passes(page: Page) -> None:
    page.set_content("<h1>Quiet</h1>")

    assert page.inner_text("h1") == "Quiet"


def test_a_tab_is_handed_on_without_what_a_test_stored_or_listens_for(
    shared_server: LiveServer, context_pool: ContextPool
) -> None:
    plain = shared_server.url + PLAIN_PATH
    tabs = []
    for _ in range(2):
        with context_pool.lend() as context:
            tabs.append(context.page())
            tabs[-1].goto(plain)
            assert tabs[-1].evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
            tabs[-1].evaluate("localStorage.x = sessionStorage.x = 1")
    with context_pool.lend() as context:
        tabs.append(context.page())
        tabs[-1].on("dialog", lambda dialog: dialog.accept())
    with context_pool.lend() as context:
        tabs.append(context.page())

    assert tabs[0] is tabs[1] is tabs[2]
    assert tabs[3] is not tabs[0]
