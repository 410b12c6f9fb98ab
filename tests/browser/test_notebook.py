"""The example notebook in a real JupyterLab: clicks in its cell are masks in the next one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import Browser

from sam2_session.notebook.cell import Frame, html_of
from tests.browser.conftest import PATIENCE_MS, VIEWPORT, listen_for_complaints
from tests.browser.jupyterlab import Lab, LabPage, running_lab
from tests.browser.server import ROOT
from tests.browser.test_annotating import SHAFT

pytestmark = pytest.mark.slow  # JupyterLab starts, and a kernel for each test
EXAMPLE = ROOT / "docs" / "notebook_example.ipynb"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def example(lab: Lab, name: str, arguments: str) -> str:
    """Copy the example into the lab's folder, with other arguments of `annotate`."""
    notebook = nbformat.read(EXAMPLE, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace('folder="annotations"', arguments)
    nbformat.write(notebook, lab.folder / name)
    return name


def click_and_read(browser: Browser, url: str) -> tuple[str, dict[int, int], list[str]]:
    """Run a cell, click in its frame, run the next one: the frame's address, areas, complaints."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    listen_for_complaints(page, complaints)
    page.goto(url)
    notebook = LabPage(page)
    notebook.run_cell(0)
    ada = notebook.framed()
    ada.until_drawn(0)
    ada.click(*SHAFT)
    notebook.run_cell(1)
    areas = ast.literal_eval(notebook.output(1))
    own = [text for text in complaints if ada.frame.url.partition("?")[0] in text]
    context.close()
    return ada.url, areas, own


def test_a_click_in_a_cell_is_a_mask_in_the_next_one(lab: Lab, browser: Browser) -> None:
    name = example(lab, "plain.ipynb", 'folder="plain"')

    address, areas, complaints = click_and_read(browser, lab.url(name, "localhost"))

    assert address.startswith("http://localhost:")  # as the notebook: another name has no cookie
    assert list(areas) == [0]
    assert areas[0] > 1000
    assert complaints == []


def test_it_works_behind_jupyter_server_proxy(lab: Lab, browser: Browser) -> None:
    proxy = f"http://127.0.0.1:{lab.port}/proxy"
    name = example(lab, "proxied.ipynb", f'folder="proxied", public_url="{proxy}/{{port}}"')

    address, areas, complaints = click_and_read(browser, lab.url(name, "127.0.0.1"))

    assert address.startswith(f"{proxy}/")
    assert list(areas) == [0]
    assert complaints == []


def test_a_cell_that_cannot_show_the_page_says_how_it_can(browser: Browser) -> None:
    html = html_of(Frame("http://127.0.0.1:1/#t=x", ["http://a"], "9px", near=True), "demo", "here")
    config = (
        '<script id="jupyter-config-data" type="application/json">{"baseUrl": "/ada/"}</script>'
    )
    context = browser.new_context()
    page = context.new_page()

    page.set_content(config + html)
    in_jupyter = page.locator("pre").inner_text()
    page.set_content(html)
    elsewhere = page.locator("#here").inner_text()
    frames = page.locator("iframe").count()
    context.close()

    assert in_jupyter == 'annotate(…, public_url="null/ada/proxy/{port}")'
    assert "open it in a tab" in elsewhere
    assert frames == 0
