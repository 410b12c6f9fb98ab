"""Forced colours, as Windows' high contrast sets them: what is chosen can be seen."""

from __future__ import annotations

import re
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT

# The colours an element is drawn with, and the system's own.
LOOK = """selector => {
  const style = getComputedStyle(document.querySelector(selector));
  return { back: style.backgroundColor, outline: `${style.outlineStyle} ${style.outlineColor}` };
}"""
SYSTEM = """() => {
  const probe = document.createElement('i');
  probe.style.forcedColorAdjust = 'none';
  document.body.append(probe);
  const colours = ['Highlight', 'Canvas', 'CanvasText'].map((name) => {
    probe.style.color = name;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(colours);
}"""
LANES = """() => {
  const { x, y } = document.querySelector('.lanes').getBoundingClientRect();
  return [Math.round(x), Math.round(y)];
}"""
NAME = (slice(4, 16), slice(29, 100))  # rows and columns of a lane's name


@pytest.fixture
def ada(shared_server: LiveServer, kept_page: Page) -> AnnotatorPage:
    annotator = AnnotatorPage(kept_page, shared_server.url)
    if annotator.state("video.open") is None:
        kept_page.emulate_media(forced_colors="active")
        annotator.open()
    annotator.press("1", "v")
    return annotator


def look(ada: AnnotatorPage, selector: str) -> Any:
    return ada.page.evaluate(LOOK, selector)


@pytest.mark.parametrize(
    ("chosen", "other"),
    [
        (".tool[data-tool=box]", ".tool[data-tool=click]"),
        ("[data-testid=direction-forward]", "[data-testid=direction-backward]"),
        (".region.on", ".region:not(.on)"),
    ],
)
def test_what_is_chosen_has_the_colour_of_the_systems_selection(
    ada: AnnotatorPage, chosen: str, other: str
) -> None:
    ada.press("b")
    system = ada.page.evaluate(SYSTEM)

    assert look(ada, chosen)["back"] == system["Highlight"]
    assert look(ada, other)["back"] != system["Highlight"]


def test_the_selected_instance_and_the_open_video_have_an_outline(ada: AnnotatorPage) -> None:
    ada.press("i")
    ada.until(lambda: ada.state("annotations.instance_id") == 2)
    highlight = f"solid {ada.page.evaluate(SYSTEM)['Highlight']}"

    assert look(ada, ".instance.on")["outline"] == highlight
    assert look(ada, ".instance:not(.on)")["outline"] != highlight
    assert look(ada, ".video.on")["outline"] == highlight


def test_the_selected_lane_is_framed_and_its_name_can_be_read(ada: AnnotatorPage) -> None:
    ada.click(*SHAFT)
    ada.page.mouse.move(640, 20)
    ada.painted()
    system = ada.page.evaluate(SYSTEM)
    canvas, text = rgb(system["Canvas"]), rgb(system["CanvasText"])
    highlight = rgb(system["Highlight"], over=canvas)
    left, top = ada.page.evaluate(LANES)
    shot = cv2.imdecode(np.frombuffer(ada.page.screenshot(), np.uint8), cv2.IMREAD_COLOR_RGB)
    lane = shot[top : top + 20, left : left + 400]

    assert np.abs(lane[0, 200].astype(int) - highlight).max() <= 2
    assert np.abs(lane[10, 110].astype(int) - canvas).max() <= 2
    assert np.abs(lane[NAME].astype(int) - text).max(axis=2).min() <= 40  # strokes are thin


def test_a_lost_connection_looks_unlike_a_good_one(ada: AnnotatorPage) -> None:
    def say(connection: str) -> None:
        told = (
            "(connection) => __annotator.store.dispatch({ type: 'connection_changed', connection })"
        )
        ada.page.evaluate(told, connection)
        ada.painted()

    good = look(ada, "#connection .dot")
    say("offline")
    lost, outline = look(ada, "#connection .dot"), look(ada, "#connection")["outline"]
    say("online")

    assert good["back"] == ada.page.evaluate(SYSTEM)["CanvasText"]
    assert lost["back"] != good["back"]
    assert outline != look(ada, "#latency")["outline"]


def rgb(colour: str, over: Any = (0, 0, 0)) -> Any:
    """The three numbers of a computed colour that may let what it lies over shine through."""
    red, green, blue, *alpha = map(float, re.findall(r"[\d.]+", colour))
    share = alpha[0] if alpha else 1.0
    return share * np.array([red, green, blue]) + (1 - share) * np.array(over)
