"""The page behind a real nginx with TLS: under a path prefix, and where nobody told the server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sam2_session.client.workspaces import Client
from tests.browser.conftest import DEMO_CLIP, Complaints, NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT
from tests.nginx import Site, new_site, nginx_before
from tests.workspace_dirs import WorkspaceDirs

TOKEN = "a-token-behind-a-proxy"


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, Site, Path]]:
    """A server under /lab/sam2, its site, and the certificate."""
    folder = tmp_path_factory.mktemp("proxied")
    dirs = WorkspaceDirs.made_in(folder)
    shutil.copy(DEMO_CLIP, dirs.videos)
    site = new_site("/lab/sam2")
    options = ("--public-url", site.url)
    with (
        LiveServer(dirs, folder / "log", *options, token=TOKEN) as server,
        nginx_before(server.port, site, folder) as cert,
    ):
        yield server, site, cert


def test_everything_works_under_the_prefix(
    proxied: tuple[LiveServer, Site, Path], new_page: NewPage
) -> None:
    server, site, _ = proxied
    page = new_page(ignore_https_errors=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    ada = AnnotatorPage(page, site.url)

    page.goto(f"{site.url}/?video=demo&frame=3&pair=1/shaft#t={TOKEN}")
    ada.until_drawn(3)
    assert page.url == f"{site.url}/?video=demo&frame=3&pair=1/shaft"
    ada.click(*SHAFT)
    page.reload()
    ada.until_drawn(3)
    ada.until(lambda: ada.drawn_masks() == 1)
    expect(page.locator(".thumb img").first).to_have_js_property("naturalWidth", 112)
    export_and_download(ada)
    review(page, site)

    assert (server.dirs.outputs / "demo/instance1/masks_shaft/00004.png").is_file()
    roots = (f"{site.url}/", f"{site.url}/".replace("https", "wss"), "blob:", "data:")
    assert [url for url in asked if not url.startswith(roots)] == []


def export_and_download(ada: AnnotatorPage) -> None:
    page = ada.page
    page.keyboard.press("Shift+E")
    page.get_by_test_id("export-start").click()
    with page.expect_download() as started:
        page.get_by_test_id("export-download").first.click()
    assert started.value.path().stat().st_size > 0
    page.keyboard.press("Escape")


def review(page: Page, site: Site) -> None:
    page.keyboard.press("Alt+y")
    expect(page.get_by_test_id("cell").first).to_be_visible()
    assert page.url.startswith(f"{site.url}/review?video=demo")
    page.get_by_test_id("work").click()
    AnnotatorPage(page, site.url).until_it_listens()
    assert page.url.startswith(f"{site.url}/")
    page.goto(f"{site.url}/api/docs")
    expect(page.get_by_role("heading", name="videos")).to_be_visible()


def test_the_client_takes_the_url_that_was_printed(
    proxied: tuple[LiveServer, Site, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, site, cert = proxied
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    with Client(f"{site.url}/#t={TOKEN}") as client:
        rows: list[Any] = [video.video_id for video in client.videos()]

    assert rows == ["demo"]


def test_a_proxy_that_the_server_was_not_told_of_is_named_on_the_page(
    shared_server: LiveServer, new_page: NewPage, complaints: Complaints, tmp_path: Path
) -> None:
    complaints.expect("403", "Failed to load resource", "WebSocket connection")
    site = new_site()
    with nginx_before(shared_server.port, site, tmp_path):
        page = new_page(ignore_https_errors=True)
        page.goto(site.url)
        note = page.locator("#scripts-missing")
        expect(note).to_be_visible()
        expect(note).to_contain_text("--public-url")
        page.context.close()

    assert any("403" in complaint for complaint in complaints)


def test_the_page_that_runs_has_no_such_note(shared_server: LiveServer, page: Page) -> None:
    AnnotatorPage(page, shared_server.url).start()

    expect(page.locator("#scripts-missing")).to_have_count(0)
