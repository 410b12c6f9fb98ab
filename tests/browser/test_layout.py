"""A full page on two screens and in both themes: nothing cut off, nothing in the way."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DEMO_CLIP, Window
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer

SIZES = [(1280, 720), (1920, 1080)]
THEMES = ["dark", "light"]
NUM_INSTANCES = 12
LONG_NAME = "operating_room_3_camera_left_2026-03-14_suturing_exercise_part_{:02d}"

# Visible things that are not wholly inside the window; what scrolls may be outside.
OUTSIDE = """() => [...document.querySelectorAll("button, input, .chip, .tools, .now, .timeline")]
    .filter((node) => node.checkVisibility() && !node.closest(".scroll, .jobs, dialog"))
    .filter((node) => {
        const { left, top, right, bottom } = node.getBoundingClientRect();
        return left < 0 || top < 0 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5;
    })
    .map((one) => one.outerHTML.slice(0, 80))"""

# Tools that reach out of the area they belong to.
BESIDE_THEIR_AREA = """() => [...document.querySelectorAll(".transport > *, .hud > *, .now")]
    .filter((node) => node.checkVisibility())
    .filter((node) => {
        const area = node.closest(".stage-bar, .time").getBoundingClientRect();
        const { left, right } = node.getBoundingClientRect();
        return left < area.left - 0.5 || right > area.right + 0.5;
    })
    .map((one) => one.outerHTML.slice(0, 80))"""

# Pairs of elements of one selection that cover each other.
OVERLAPS = """(selector) => {
    const all = [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility());
    const boxes = all.map((node) => [node.id || node.className, node.getBoundingClientRect()]);
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    return boxes.flatMap(([name, box], i) =>
        boxes.slice(i + 1).filter(([, other]) => meet(box, other)).map(([other]) => [name, other]));
}"""

# Words that do not fit their place and are not meant to be shortened.
CUT = """() => [...document.querySelectorAll(".button, .segment button, .drop, .tool, .badge, kbd")]
    .filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 80))"""

BELOW = ".stage-bar > *"
AREAS = ".top, .tools, .left, .stage, .stage-bar, .right, .time"


@pytest.fixture(scope="module")
def full_server(
    server_pool: ServerPool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """Twenty videos with long names; the first one has twelve instances with a mask each."""
    folder = tmp_path_factory.mktemp("full")
    names = [f"{LONG_NAME.format(number)}.mp4" for number in range(20)]
    videos = [Path(shutil.copy(DEMO_CLIP, folder / name)) for name in names]
    with server_pool.lend(*videos) as server:
        yield server


@pytest.fixture(scope="module")
def opened(full_server: LiveServer, window: Window) -> AnnotatorPage:
    annotator = AnnotatorPage(window.page, full_server.url)
    annotator.open(LONG_NAME.format(0))
    fill(annotator)
    return annotator


@pytest.fixture
def ada(opened: AnnotatorPage, kept_page: Page, request: pytest.FixtureRequest) -> AnnotatorPage:
    (width, height), theme = request.param
    kept_page.set_viewport_size({"width": width, "height": height})
    while opened.page.evaluate("document.documentElement.dataset.theme") != theme:
        opened.page.get_by_test_id("theme").click()
        opened.painted()
    opened.painted()
    return opened


everywhere = pytest.mark.parametrize(
    "ada", [(size, theme) for size in SIZES for theme in THEMES], indirect=True
)
narrow = pytest.mark.parametrize(
    "ada", [((width, 700), "light") for width in (780, 940, 1100)], indirect=True
)
small = pytest.mark.parametrize("ada", [(SIZES[0], "dark")], indirect=True)


def fill(ada: AnnotatorPage) -> None:
    """Twelve instances with a prompt each, once."""
    root = f"{ada.url}/api/videos/{ada.state('video.open.video_id')}/instances"
    for number in range(len(ada.state("annotations.instances")) + 1, NUM_INSTANCES + 1):
        send("POST", root, {"name": f"needle holder of the left hand, number {number}"})
    ada.until(lambda: len(ada.state("annotations.instances")) == NUM_INSTANCES)
    for number, instance in enumerate(ada.state("annotations.instances"), start=1):
        point = {"x": 40 * number, "y": 30 + 20 * number, "label": 1}
        place = f"{root}/{instance['instance_id']}/regions/overall/prompts/0"
        if f"{instance['instance_id']}/overall" not in ada.state("annotations.prompts"):
            send("PUT", place, {"points": [point], "box": None})
    for kind in ("prompts", "masks"):
        ada.until(lambda kind=kind: len(ada.state(f"annotations.{kind}")) == NUM_INSTANCES)
    ada.painted()


def send(method: str, url: str, body: dict[str, Any]) -> Any:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


@everywhere
def test_everything_is_inside_the_window(ada: AnnotatorPage) -> None:
    scrolls = ada.page.evaluate(
        "[document.documentElement.scrollWidth - innerWidth,"
        " document.documentElement.scrollHeight - innerHeight]"
    )

    assert ada.page.evaluate(OUTSIDE) == []
    assert max(scrolls) <= 0


@everywhere
def test_nothing_covers_its_neighbour(ada: AnnotatorPage) -> None:
    for selector in (".top > *", ".transport > *", BELOW, AREAS, ".tools > *", ".propagate > *"):
        assert ada.page.evaluate(OVERLAPS, selector) == [], selector
    assert ada.page.evaluate(CUT) == []


@narrow
def test_tools_stay_apart_in_half_a_screen(ada: AnnotatorPage) -> None:
    for selector in (".top > *", ".transport > *", BELOW, AREAS):
        assert ada.page.evaluate(OVERLAPS, selector) == [], selector
    assert ada.page.evaluate(OUTSIDE) == []
    assert ada.page.evaluate(BESIDE_THEIR_AREA) == []


@everywhere
def test_nothing_covers_the_fitted_frame(ada: AnnotatorPage) -> None:
    ada.press("0")
    left, top = ada.screen(0, 0)
    right, bottom = ada.screen(640, 360)
    for testid in ("now", "zoom", "opacity", "hide-masks", "mode-click", "sign"):
        box = ada.page.get_by_test_id(testid).bounding_box()
        assert box is not None
        beside = box["x"] + box["width"] <= left or box["x"] >= right
        assert beside or box["y"] + box["height"] <= top or box["y"] >= bottom, testid


@small
def test_a_run_leaves_the_propagate_button_where_it_is(ada: AnnotatorPage) -> None:
    ada.press("[", "ArrowRight", "]")
    ada.until_drawn(1)
    button = ada.page.get_by_test_id("propagate")
    before = button.bounding_box()
    ada.propagate()

    assert button.bounding_box() == before
    expect(ada.page.get_by_test_id("job-card").first).to_be_visible()


@small
def test_the_selected_pair_is_in_view_in_panel_and_timeline(ada: AnnotatorPage) -> None:
    for number in ("9", "1"):
        ada.press(number)
        ada.painted()
        card = ada.page.locator(".instance.on").bounding_box()
        lanes = ada.page.locator(".lane-scroll")
        top, height = lanes.evaluate("node => [node.scrollTop, node.clientHeight]")
        at = (int(number) - 1) * 18
        assert card is not None
        assert 34 <= card["y"] <= 720 - card["height"]
        assert top <= at <= top + height - 18


@small
def test_some_lanes_are_seen_at_once(ada: AnnotatorPage) -> None:
    height = ada.page.locator(".lane-scroll").evaluate("node => node.clientHeight")

    assert height // 18 >= 4


@small
def test_the_end_of_a_long_name_can_be_read(ada: AnnotatorPage) -> None:
    tail = ada.page.locator(".video .name-tail").nth(7)
    box, row = tail.bounding_box(), ada.page.locator("#left").bounding_box()

    assert tail.inner_text() == "_part_07.mp4"
    assert box is not None
    assert row is not None
    assert box["x"] + box["width"] <= row["x"] + row["width"]


@small
def test_the_videos_name_is_the_last_thing_on_top_to_shrink(ada: AnnotatorPage) -> None:
    head = ada.page.locator("#video-name .name-head")
    cut = "node => node.scrollWidth > node.clientWidth"
    whole, others = head.evaluate(cut), ada.page.locator("#video-facts > span").evaluate(cut)
    ada.page.set_viewport_size({"width": 900, "height": 720})
    ada.painted()

    assert (whole, others) == (False, True)
    assert head.evaluate(cut)
    assert head.evaluate("node => getComputedStyle(node).textOverflow") == "ellipsis"
    assert ada.page.evaluate(OVERLAPS, ".top > *") == []
