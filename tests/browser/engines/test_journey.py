"""The short journey in Firefox and WebKit: open, click, paint, run, export, reload, cut off."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser.engines.annotator import EngineAnnotator
from tests.browser.engines.engine import Engine
from tests.browser.engines.firefox import Firefox
from tests.browser.engines.webkit import WebKit
from tests.browser.server import LiveServer
from tests.browser.stage_pixels import seen_and_saved
from tests.browser.test_annotating import SHAFT, mask_path
from tests.browser.test_touch_up import mask

pytestmark = pytest.mark.slow

RESISTING = {
    "privacy.resistFingerprinting": True,
    "privacy.resistFingerprinting.letterboxing": False,
}
STROKE = ((420.0, 80.0), (470.0, 80.0), (520.0, 80.0))  # source px, on the background
ERASED = ((470.0, 40.0), (470.0, 120.0))
# Tells if the server has answered a request for an address that holds these words.
ASKED = """words => performance.getEntriesByType('resource').some(
  ({ name, responseEnd }) => name.includes(words) && responseEnd > 0)"""
NEAR_STROKES = (slice(25, 136), slice(395, 546))  # rows and columns that they may reach


def firefox(folder: Path) -> Engine:
    return Firefox(folder)


def resisting_firefox(folder: Path) -> Engine:
    """Set Firefox as Tor Browser and LibreWolf do: a canvas that is read back gives noise."""
    return Firefox(folder, RESISTING)


ENGINES = {
    "firefox": (Firefox, firefox),
    "firefox-resisting": (Firefox, resisting_firefox),
    "webkit": (WebKit, WebKit),
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    kind, start = ENGINES[request.param]
    if why := kind.missing():
        pytest.skip(f"{why}: scripts/engines.sh installs it")
    make: Callable[[Path], Engine] = start
    window = make(tmp_path)
    yield window
    window.quit()


@pytest.fixture
def ada(engine: Engine, live_server: LiveServer) -> EngineAnnotator:
    annotator = EngineAnnotator(engine, live_server.url)
    annotator.open()
    return annotator


def except_near_strokes(mask_hw: Any) -> Any:
    mask_hw = mask_hw.copy()
    mask_hw[NEAR_STROKES] = 0
    return mask_hw


def test_open_click_paint_run_export_reload_and_cut(
    ada: EngineAnnotator, engine: Engine, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)
    clicked = mask(live_server, 0)
    assert clicked[SHAFT[1], SHAFT[0]] == 255

    ada.press("p")
    ada.stroke(*STROKE)
    painted = mask(live_server, 0)
    assert painted[80, 470] == 255
    assert np.array_equal(except_near_strokes(painted), except_near_strokes(clicked))

    assert ada.propagate()["state"] == "done"
    assert mask_path(live_server, 89).exists()
    export(ada)

    ada.open()
    ada.until(lambda: ada.drawn_masks() == 1)
    ada.press("v")
    shown, there = seen_and_saved(engine, painted, around=SHAFT)
    assert shown == there
    assert {True, False} == set(there)

    cut_and_erase(ada, live_server)
    erased = mask(live_server, 0)
    assert (erased[80, 470], erased[80, 430]) == (0, 255)
    assert np.array_equal(except_near_strokes(erased), except_near_strokes(clicked))
    assert engine.complaints() == []


def export(ada: EngineAnnotator) -> None:
    """Write an archive with the dialog, and download it."""
    known = ada.jobs("export")
    ada.press("Shift+E")
    ada.press_on("export-start")
    ada.press_on("export-download")
    (job_id,) = ada.jobs("export") - known
    assert ada.state(f"jobs.by_id.{job_id}.state") == "done"
    ada.until(lambda: ada.engine.evaluate(ASKED, f"/exports/{job_id}"))
    folder = ada.engine.downloads
    if folder is not None:
        ada.until(lambda: any(zipfile.is_zipfile(path) for path in folder.glob("*.zip")))
    ada.press("Escape")


def cut_and_erase(ada: EngineAnnotator, server: LiveServer) -> None:
    """Erase while the server is away; it is saved once that is back."""
    server.kill()
    ada.until(lambda: ada.state("session.connection") == "offline")
    ada.press("e")
    ada.drag(*ERASED)
    ada.until(lambda: not ada.is_saved())
    server.start()
    ada.until(lambda: ada.is_saved() and "null" not in (ada.mask_revs() or "null"))
    ada.until(lambda: mask(server, 0)[80, 470] == 0)


def test_keys_that_browsers_keep_for_themselves_do_what_the_help_says(ada: EngineAnnotator) -> None:
    ada.click(*SHAFT)
    region = ada.state("annotations.region")
    ada.press("Tab")
    assert ada.state("annotations.region") != region
    ada.press("Shift+Tab")
    assert ada.state("annotations.region") == region

    ada.press("Alt", "d")
    ada.until_drawn(1)
    ada.click(*SHAFT, button="right")
    assert ada.state("annotations.prompts")["1/overall"]["1"]["points"][0]["label"] == 0
