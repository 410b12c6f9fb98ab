"""Fingers and a pen on the stage: a tap, a long press, two fingers that pinch, strokes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession

from tests.browser.conftest import NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import BACKGROUND, SHAFT
from tests.browser.test_touch_up import until_pixels

Place = tuple[float, float]


class Hand:
    """Fingers and a pen, by the browser's own input events."""

    def __init__(self, ada: AnnotatorPage) -> None:
        self._ada = ada
        self._session: CDPSession = ada.page.context.new_cdp_session(ada.page)

    def touch(self, kind: str, *places: Place) -> None:
        """Say where in the frame the fingers are: a touchStart, touchMove or touchEnd."""
        points = [self._at(place) | {"id": number} for number, place in enumerate(places)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def tap(self, place: Place) -> None:
        """Touch it for a moment that the browser measures: a busy test would make it a long one."""
        tap = {**self._at(place), "duration": 20, "gestureSourceType": "touch"}
        self._session.send("Input.synthesizeTapGesture", tap)

    def press_long(self, place: Place, rest_ms: int) -> None:
        self.touch("touchStart", place)
        self._ada.page.wait_for_timeout(rest_ms)
        self.touch("touchEnd")

    def drag(self, *places: Place) -> None:
        self.touch("touchStart", places[0])
        for place in places[1:]:
            self.touch("touchMove", place)
        self.touch("touchEnd")

    def pinch(self, *pairs: tuple[Place, Place]) -> None:
        """Put one finger down, then the other, move both, lift one, then the other."""
        self.touch("touchStart", pairs[0][0])
        self.touch("touchStart", *pairs[0])
        for pair in pairs[1:]:
            self.touch("touchMove", *pair)
        self.touch("touchEnd", pairs[-1][1])
        self.touch("touchEnd")

    def pen(self, *places: Place, button: str = "left") -> None:
        """Draw with a pen that reports no pressure at all."""
        common: dict[str, Any] = {"pointerType": "pen", "button": button, "force": 0}
        kinds = ["mousePressed", *["mouseMoved"] * (len(places) - 1), "mouseReleased"]
        for kind, place in zip(kinds, [*places, places[-1]], strict=True):
            buttons = 0 if kind == "mouseReleased" else {"left": 1, "right": 2}[button]
            event = common | self._at(place) | {"type": kind, "buttons": buttons, "clickCount": 1}
            self._session.send("Input.dispatchMouseEvent", event)

    def _at(self, place: Place) -> dict[str, Any]:
        x, y = self._ada.screen(*place)
        return {"x": x, "y": y}


@pytest.fixture
def ada(live_server: LiveServer, new_page: NewPage) -> Iterator[AnnotatorPage]:
    annotator = AnnotatorPage(new_page(has_touch=True), live_server.url)
    annotator.open()
    return annotator


@pytest.fixture
def hand(ada: AnnotatorPage) -> Hand:
    return Hand(ada)


def points(ada: AnnotatorPage) -> list[tuple[int, int, int]]:
    """Read the points of the first frame: x, y and label."""
    prompt = (ada.state("annotations.prompts") or {}).get("1/overall", {}).get("0")
    found = prompt["points"] if prompt else []
    return [(round(point["x"]), round(point["y"]), point["label"]) for point in found]


def until_settled(ada: AnnotatorPage, before: str | None) -> None:
    ada.until(lambda: ada.mask_revs() != before and "null" not in (ada.mask_revs() or "null"))
    ada.until(ada.is_saved)


def zoom(ada: AnnotatorPage) -> str:
    return str(ada.page.get_by_test_id("zoom").inner_text())


def test_a_tap_is_a_click_and_a_long_press_a_right_click(ada: AnnotatorPage, hand: Hand) -> None:
    before = ada.mask_revs()
    hand.tap(SHAFT)
    until_settled(ada, before)
    before = ada.mask_revs()
    hand.press_long(BACKGROUND, rest_ms=800)
    until_settled(ada, before)

    assert points(ada) == [(*SHAFT, 1), (*BACKGROUND, 0)]


def test_two_fingers_zoom_about_their_middle_and_click_nowhere(
    ada: AnnotatorPage, hand: Hand
) -> None:
    before, fitted = ada.screen(320, 180), zoom(ada)
    hand.pinch(((300, 180), (340, 180)), ((280, 180), (360, 180)))
    ada.until(lambda: zoom(ada) != fitted)
    after = ada.screen(320, 180)

    assert max(abs(after[0] - before[0]), abs(after[1] - before[1])) < 2
    assert float(zoom(ada).split()[0]) == pytest.approx(2 * float(fitted.split()[0]), rel=0.03)
    assert points(ada) == []


def test_two_fingers_pan_and_so_does_one_beside_the_dots(ada: AnnotatorPage, hand: Hand) -> None:
    start = ada.screen(320, 180)
    hand.pinch(((300, 180), (340, 180)), ((330, 200), (370, 200)))
    by_two = ada.screen(320, 180)
    hand.drag((300, 180), (330, 180), (340, 180))
    by_one = ada.screen(320, 180)

    assert by_two[0] - start[0] > 20
    assert by_two[1] - start[1] > 12
    assert by_one[0] - by_two[0] > 20
    assert points(ada) == []


def test_a_second_finger_takes_a_stroke_back(ada: AnnotatorPage, hand: Hand) -> None:
    ada.press("p")
    hand.touch("touchStart", (420, 80))
    hand.touch("touchMove", (480, 80))
    hand.touch("touchStart", (480, 80), (300, 200))
    hand.touch("touchEnd", (480, 80))
    hand.touch("touchEnd")
    ada.painted()

    assert ada.drawn_masks() == 0
    assert ada.is_saved()


def test_a_finger_and_a_pen_without_pressure_paint(
    ada: AnnotatorPage, hand: Hand, live_server: LiveServer
) -> None:
    ada.press("p")
    before = ada.mask_revs()
    hand.drag((420, 80), (450, 80), (520, 80))
    until_settled(ada, before)
    before = ada.mask_revs()
    hand.pen((420, 160), (470, 160), (520, 160))
    until_settled(ada, before)
    before = ada.mask_revs()
    hand.pen((470, 60), (470, 90), (470, 100), button="right")
    until_settled(ada, before)

    wanted = {(430, 80): 255, (510, 80): 255, (470, 160): 255, (470, 80): 0, (300, 80): 0}
    until_pixels(ada, live_server, 0, wanted)
