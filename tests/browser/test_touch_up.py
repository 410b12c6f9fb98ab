"""Dots that are dragged, masks that are painted, and what the pointer says of them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewPage, Window
from tests.browser.driver import AnnotatorPage
from tests.browser.files import written_frames
from tests.browser.server import LiveServer
from tests.browser.test_annotating import BACKGROUND, SHAFT, mask_path

Place = tuple[float, float]


@pytest.fixture
def frame_idx(request: pytest.FixtureRequest) -> int:
    """A frame of the shared video that no other test of this file touches."""
    tests = [item.name for item in request.session.items if item.path == request.path]
    return tests.index(request.node.name)


@pytest.fixture(scope="module")
def opened(shared_server: LiveServer, window: Window) -> AnnotatorPage:
    annotator = AnnotatorPage(window.page, shared_server.url)
    annotator.open()
    return annotator


@pytest.fixture
def ada(opened: AnnotatorPage, kept_page: Page, frame_idx: int) -> AnnotatorPage:
    opened.press("v", "0")  # clicks again, on the whole frame
    opened.go_to(frame_idx)
    return opened


def drag(ada: AnnotatorPage, *places: Place, release: bool = True) -> None:
    ada.page.mouse.move(*ada.screen(*places[0]))
    ada.page.mouse.down()
    for place in places[1:]:
        ada.page.mouse.move(*ada.screen(*place), steps=4)
    if release:
        ada.page.mouse.up()


def until_answered(ada: AnnotatorPage, before: str | None) -> None:
    ada.until(lambda: ada.mask_revs() != before and "null" not in (ada.mask_revs() or "null"))
    ada.until(ada.is_saved)


def mask(server: LiveServer, frame_idx: int) -> Any:
    return cv2.imread(str(mask_path(server, frame_idx)), cv2.IMREAD_GRAYSCALE)


def until_pixels(
    ada: AnnotatorPage, server: LiveServer, frame_idx: int, wanted: dict[tuple[int, int], int]
) -> None:
    """Wait until the mask's file holds these values at (x, y)."""

    def are_there() -> bool:
        found = mask(server, frame_idx) if mask_path(server, frame_idx).exists() else None
        return found is not None and all(found[y, x] == is_ for (x, y), is_ in wanted.items())

    ada.until(are_there)


def prompt(server: LiveServer, frame_idx: int) -> Any:
    return next(frame for frame in written_frames(server) if frame["frame_idx"] == frame_idx)


def test_a_dragged_dot_moves_with_its_mask_and_one_undo_puts_it_back(
    ada: AnnotatorPage, shared_server: LiveServer, frame_idx: int
) -> None:
    ada.click(*SHAFT)
    ada.click(*BACKGROUND, button="right")
    before = ada.mask_revs()
    drag(ada, BACKGROUND, (450, 100))
    until_answered(ada, before)

    moved = prompt(shared_server, frame_idx)["points"]
    assert [(round(p["x"]), p["label"]) for p in moved] == [(SHAFT[0], 1), (450, 0)]
    ada.press_and_settle("u")
    assert round(prompt(shared_server, frame_idx)["points"][1]["x"]) == BACKGROUND[0]


def test_escape_puts_a_dragged_dot_back(
    ada: AnnotatorPage, shared_server: LiveServer, frame_idx: int
) -> None:
    ada.click(*SHAFT)
    drag(ada, SHAFT, (300, 200), release=False)
    ada.press("Escape")
    ada.page.mouse.up()
    ada.click(150, 260)

    assert [round(point["x"]) for point in prompt(shared_server, frame_idx)["points"]] == [
        SHAFT[0],
        150,
    ]


def test_the_pointer_names_the_pair_under_it_and_alt_click_selects_it(ada: AnnotatorPage) -> None:
    ada.click(*SHAFT)
    ada.press("Tab")
    ada.page.mouse.move(*ada.screen(*BACKGROUND))
    ada.until(lambda: ada.stage("hovered") == "")
    ada.page.mouse.move(*ada.screen(*SHAFT))
    ada.until(lambda: ada.stage("hovered") == "1/overall")
    assert ada.state("annotations.region") == "shaft"

    ada.page.keyboard.down("Alt")
    ada.until(lambda: ada.stage("click-does") == "pick")
    ada.page.mouse.down()
    ada.page.mouse.up()
    ada.page.keyboard.up("Alt")

    ada.until(lambda: (ada.state("annotations.region"), ada.stage("points")) == ("overall", "1"))


def test_a_stroke_changes_the_mask_where_it_went_and_undo_takes_it_back(
    ada: AnnotatorPage, shared_server: LiveServer, frame_idx: int
) -> None:
    ada.click(*SHAFT)
    ada.until(lambda: mask_path(shared_server, frame_idx).exists())
    clicked, file = mask(shared_server, frame_idx), mask_path(shared_server, frame_idx).read_bytes()
    before = ada.mask_revs()
    ada.press("p")
    drag(ada, (300, 40), (400, 40))
    until_answered(ada, before)

    until_pixels(ada, shared_server, frame_idx, {(350, 40): 255})
    changed = np.argwhere(mask(shared_server, frame_idx) != clicked)
    assert (changed.min(0) >= (27, 287)).all()
    assert (changed.max(0) <= (52, 412)).all()
    ada.press_and_settle("u")
    ada.until(lambda: mask_path(shared_server, frame_idx).read_bytes() == file)
    ada.until(lambda: ada.stage("points") == "1")


def test_quick_strokes_are_all_kept_and_the_eraser_takes_away(
    ada: AnnotatorPage, shared_server: LiveServer, frame_idx: int
) -> None:
    ada.press("p")
    for x in (100, 200, 300):
        drag(ada, (x, 60), (x, 120))
    drag(ada, (400, 60), (500, 120))
    ada.press("e")
    drag(ada, (50, 90), (250, 90))

    painted = {(x, 65): 255 for x in (100, 200, 300)} | {(300, 90): 255, (450, 90): 255}
    until_pixels(ada, shared_server, frame_idx, painted | {(100, 90): 0, (200, 90): 0})


def test_a_click_on_a_painted_mask_says_so_and_undo_brings_the_painted_one_back(
    ada: AnnotatorPage, shared_server: LiveServer, frame_idx: int
) -> None:
    ada.press("p")
    drag(ada, (100, 60), (300, 120))
    ada.until(lambda: ada.is_saved() and mask_path(shared_server, frame_idx).exists())
    painted = mask_path(shared_server, frame_idx).read_bytes()
    ada.press("v")
    ada.click(200, 90)
    toast = ada.page.get_by_test_id("toast").filter(has_text="redraws the painted mask")
    ada.until(lambda: mask_path(shared_server, frame_idx).read_bytes() != painted)
    toast.get_by_test_id("toast-action").click()

    ada.until(lambda: mask_path(shared_server, frame_idx).read_bytes() == painted)
    ada.until(lambda: ada.stage("points") == "0")


def test_a_polygon_is_closed_by_enter_after_backspace_took_a_corner_back(
    ada: AnnotatorPage, shared_server: LiveServer, frame_idx: int
) -> None:
    ada.press("l")
    for place in [(400, 100), (500, 100), (560, 340), (500, 200)]:
        ada.page.mouse.click(*ada.screen(*place))
        if place == (560, 340):
            ada.press("Backspace")
    ada.press("Enter")

    wanted = {(490, 110): 255, (420, 110): 255, (410, 190): 0, (530, 300): 0}
    until_pixels(ada, shared_server, frame_idx, wanted)


def test_escape_drops_a_polygon_and_stops_no_run(ada: AnnotatorPage) -> None:
    ada.press("l")
    for place in [(400, 100), (500, 100), (500, 200)]:
        ada.page.mouse.click(*ada.screen(*place))
    ada.press("Escape", "Enter")

    assert (ada.state("annotations.ops"), ada.drawn_masks()) == ([], 0)


def test_a_side_of_the_box_is_dragged(
    ada: AnnotatorPage, shared_server: LiveServer, frame_idx: int
) -> None:
    ada.press("b")
    drag(ada, (20, 200), (180, 340))
    ada.until(lambda: ada.drawn_masks() == 1 and ada.is_saved())
    before = ada.mask_revs()
    drag(ada, (180, 270), (220, 300))
    until_answered(ada, before)

    box = prompt(shared_server, frame_idx)["box"]
    assert [round(value) for value in box] == [20, 200, 220, 340]


def test_clicks_at_eightfold_zoom_keep_the_part_of_a_pixel(
    ada: AnnotatorPage, shared_server: LiveServer, frame_idx: int
) -> None:
    ada.page.mouse.move(*ada.screen(*SHAFT))
    while float(ada.stage("view-scale") or 1) < 8:
        ada.page.mouse.wheel(0, -200)
    ada.page.mouse.click(*ada.screen(60.37, 310.62))
    ada.until(lambda: ada.drawn_masks() == 1 and ada.is_saved())

    (point,) = prompt(shared_server, frame_idx)["points"]
    step = 1 / float(ada.stage("view-scale") or 0)  # a pixel of the screen
    assert (point["x"], point["y"]) == pytest.approx((60.37, 310.62), abs=step)
    assert point["x"] % 1 != 0


def test_a_dense_screen_gets_all_its_pixels(shared_server: LiveServer, new_page: NewPage) -> None:
    ada = AnnotatorPage(new_page(device_scale_factor=2), shared_server.url)
    ada.open()
    layers = ada.page.evaluate(
        "[...document.querySelectorAll('#stage canvas')]"
        ".map((canvas) => [canvas.width / canvas.clientWidth, canvas.height / canvas.clientHeight])"
    )

    assert layers == [[2, 2]] * 4


def test_fill_and_outline_can_each_be_shown_alone(ada: AnnotatorPage) -> None:
    """At full opacity the fill has the instance's colour all over, the outline only its edge."""
    ada.click(*SHAFT)
    count = """() => { const layer = document.querySelector('#mask-layer');
        const { data } = layer.getContext('2d').getImageData(0, 0, layer.width, layer.height);
        let drawn = 0;
        for (let at = 3; at < data.length; at += 4) drawn += data[at] > 0;
        return drawn; }"""
    drawn = {}
    for _ in range(3):
        ada.painted()
        drawn[ada.state("view.mask_style")] = ada.page.evaluate(count)
        ada.press("o")

    assert drawn["outline"] * 2 < drawn["fill"] < drawn["both"]
