"""The main journey over plain http from an address of the machine: not a secure context."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator

import cv2
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DEMO_CLIP
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT, mask_path
from tests.workspace_dirs import WorkspaceDirs

TOKEN = "a-token-of-twenty-six-chars"
ELSEWHERE = ("198.51.100.1", 9)  # of a range for examples; nothing is sent there
STROKE = ((420, 80), (520, 80))  # source px, on the background
MIDDLE = (80, 470)  # row and column


def own_address() -> str:
    """An address of this machine that other machines may use."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
        except OSError:
            pytest.skip("this machine has only its loopback address: every origin is secure")
        return str(probe.getsockname()[0])


@pytest.fixture
def plain_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("plain")
    dirs = WorkspaceDirs.made_in(folder)
    shutil.copy(DEMO_CLIP, dirs.videos)
    with LiveServer(dirs, folder / "log", token=TOKEN, host=own_address()) as server:
        yield server


def stroke(ada: AnnotatorPage) -> None:
    """Paint one stroke with the brush and wait until its mask is saved."""
    before = ada.mask_revs()
    ada.press("p")
    ada.page.mouse.move(*ada.screen(*STROKE[0]))
    ada.page.mouse.down()
    ada.page.mouse.move(*ada.screen(*STROKE[1]), steps=6)
    ada.page.mouse.up()
    ada.until(lambda: ada.mask_revs() != before and "null" not in (ada.mask_revs() or "null"))
    ada.until(ada.is_saved)


def test_click_stroke_and_run_work_on_an_origin_that_is_not_secure(
    plain_server: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, f"{plain_server.url}/#t={TOKEN}")
    ada.open()
    assert page.evaluate("[isSecureContext, 'locks' in navigator]") == [False, False]

    ada.click(*SHAFT)
    stroke(ada)
    ada.until(lambda: _value(plain_server, MIDDLE) == 255)
    ada.go_to(2)
    ada.press("]")  # a few frames are enough
    job = ada.propagate()

    assert job["state"] == "done"
    assert _value(plain_server, (SHAFT[1], SHAFT[0])) == 255
    assert mask_path(plain_server, 1).exists()


def _value(server: LiveServer, place: tuple[int, int]) -> int:
    """A pixel of the first frame's mask on disk, at row and column."""
    mask = cv2.imread(str(mask_path(server, 0)), cv2.IMREAD_GRAYSCALE)
    assert mask is not None
    return int(mask[place])
