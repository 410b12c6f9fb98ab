"""The timeline: zoom, a range that runs keep to, approval, filmstrip, playback, fast scrubbing."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer

FRAMES = 40
WIDTH, HEIGHT = 320, 96
STEP_PX = 6  # the box goes so far from frame to frame
SHAFT = "/api/videos/runner/instances/1/regions/shaft"
LABEL_PX, RIGHT_PX = 128, 14
STRIP_PX = 34  # the filmstrip's height

# The frame on screen by its own pixels, where its mask begins, and what the page says they are.
ON_SCREEN = """() => {
    const { frameIdx, viewScale, viewX, viewY, ...rest } = document.querySelector("#stage").dataset;
    const source = (x) => (x / devicePixelRatio - Number(viewX)) / Number(viewScale);
    const first = (id, is) => {
        const canvas = document.querySelector(id);
        const y = Math.round((30 * Number(viewScale) + Number(viewY)) * devicePixelRatio);
        const { data } = canvas.getContext("2d").getImageData(0, y, canvas.width, 1);
        for (let x = 0; x < canvas.width; x += 1) if (is(data, 4 * x)) return source(x);
        return null;
    };
    const left = first("#frame-layer", (data, at) => data[at] - data[at + 1] > 90);
    const mask = first("#mask-layer", (data, at) => data[at + 3] > 60);
    const fact = __annotator.store.state.annotations.masks["1/shaft"]?.[frameIdx];
    const drawn = rest.maskRevs.includes("1/shaft");
    return { frame_idx: Number(frameIdx), left, mask, box: fact?.box, drawn };
}"""


# Finds the place where a picture becomes red, as a share of its width.
WHERE_RED = """canvas => {
    const { data, width } = canvas.getContext("2d").getImageData(0, 20, canvas.width, 1);
    return [...Array(width).keys()].find((x) => data[4 * x] - data[4 * x + 1] > 90) / width;
}"""

# Measures the width of each red box in a canvas, in pixels.
RED_RUNS = """canvas => {
    const { data, width } = canvas.getContext("2d").getImageData(0, 10, canvas.width, 1);
    const row = [...Array(width).keys()].map((x) => data[4 * x] - data[4 * x + 1] > 90 ? "1" : "0");
    return (row.join("").match(/1+/g) ?? []).map((run) => run.length);
}"""


def make_clip(path: Path) -> None:
    """A red box that runs over grainy grey: where it is says which frame it is."""
    grain = np.random.default_rng(3).integers(60, 110, (HEIGHT, WIDTH, 1)).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv444p"
        stream.options = {"crf": "0", "preset": "ultrafast"}
        for frame_idx in range(FRAMES):
            image = np.repeat(grain, 3, axis=2)
            left = 10 + STEP_PX * frame_idx
            cv2.rectangle(image, (left, 12), (left + 50, 60), (220, 40, 40), -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())


@pytest.fixture(scope="module")
def server(
    server_pool: ServerPool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    path = tmp_path_factory.mktemp("timeline") / "runner.mp4"
    make_clip(path)
    with server_pool.lend(path) as live:
        yield live


@pytest.fixture
def ada(server: LiveServer, page: Page) -> AnnotatorPage:
    """Looks at the clip, whose pair 1/shaft is tracked from the first frame to the last."""
    annotator = AnnotatorPage(page, server.url)
    annotator.open("runner.mp4")
    annotator.until(lambda: annotator.state("video.open.state") == "ready")
    if not call(server, "GET", f"{SHAFT}/masks")["masks"]:
        points = {"points": [{"x": 30, "y": 30, "label": 1}], "box": None}
        call(server, "PUT", f"{SHAFT}/prompts/0", points)
        run = {"pairs": [{"instance_id": 1, "region": "shaft"}], "direction": "forward"}
        call(server, "POST", "/api/videos/runner/propagate", run)
    annotator.until(lambda: len(annotator.state("annotations.masks.1/shaft") or {}) == FRAMES)
    annotator.press("Tab")
    return annotator


def call(server: LiveServer, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(server.url + path, data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def on_timeline(ada: AnnotatorPage, part: str, frame: float) -> tuple[float, float]:
    """Place in the window of a place between frames, on the ruler, strip, lanes or minimap."""
    box = ada.page.locator(f"canvas.{part}").bounding_box()
    assert box is not None
    shown = float(slider(ada, "from")), float(slider(ada, "frames"))
    share = (frame - shown[0]) / shown[1]
    inner = ada.page.get_by_test_id("timeline").evaluate("node => node.clientWidth")
    return box["x"] + LABEL_PX + share * (inner - LABEL_PX - RIGHT_PX), box["y"] + 9


def slider(ada: AnnotatorPage, name: str) -> str:
    return ada.page.get_by_test_id("timeline-slider").get_attribute(f"data-{name}") or ""


def test_the_wheel_zooms_about_the_pointer_and_a_press_goes_to_the_frame_there(
    ada: AnnotatorPage,
) -> None:
    at = on_timeline(ada, "ruler", 30.5)
    ada.page.mouse.move(*at)
    ada.page.mouse.wheel(0, -400)
    ada.until(lambda: 15 < float(slider(ada, "frames")) < 20)

    assert on_timeline(ada, "ruler", 30.5)[0] == pytest.approx(at[0], abs=0.6)
    ada.page.mouse.click(*at)
    ada.until_drawn(30)
    assert ada.page.evaluate(ON_SCREEN)["left"] == pytest.approx(10 + STEP_PX * 30, abs=2)
    ada.press("Home")
    ada.until(lambda: float(slider(ada, "from")) == 0)  # the view follows
    ada.press("Alt+0")
    ada.until(lambda: float(slider(ada, "frames")) == FRAMES)


def test_a_run_goes_over_the_marked_frames_only(ada: AnnotatorPage, server: LiveServer) -> None:
    ada.press("Shift+Tab")
    ada.click(30, 30)
    for frame_idx, key in ((10, "["), (14, "]")):
        ada.go_to(frame_idx)
        ada.press(key)
    expect(ada.page.get_by_test_id("run-range")).to_have_text("10 – 14")
    assert ada.propagate()["state"] == "done"
    ada.page.get_by_test_id("range-clear").click()

    folder = server.dirs.outputs / "runner/instance1/masks_overall"
    assert sorted(int(path.stem) - 1 for path in folder.glob("*.png")) == [0, 10, 11, 12, 13, 14]


def test_the_range_is_drawn_and_dragged_on_the_ruler_and_remembered(ada: AnnotatorPage) -> None:
    ada.page.keyboard.down("Shift")
    drag(ada, on_timeline(ada, "ruler", 25.5), on_timeline(ada, "ruler", 5.5))
    ada.page.keyboard.up("Shift")
    assert (ada.state("playback.range.start"), ada.state("playback.range.end")) == (5, 25)
    drag(ada, on_timeline(ada, "ruler", 5), on_timeline(ada, "ruler", 8.5))
    ada.page.reload()
    ada.until(lambda: ada.state("playback.range.start") == 8)

    assert (ada.state("playback.range.start"), ada.state("playback.range.end")) == (8, 25)
    ada.press("Alt+[", "Alt+]")
    assert (ada.state("playback.range.start"), ada.state("playback.range.end")) == (None, None)


def drag(ada: AnnotatorPage, start: tuple[float, float], end: tuple[float, float]) -> None:
    ada.page.mouse.move(*start)
    ada.page.mouse.down()
    ada.page.mouse.move(*end, steps=4)
    ada.page.mouse.up()


def test_an_approved_mask_is_approved_after_a_reload(
    ada: AnnotatorPage, server: LiveServer
) -> None:
    ada.go_to(7)
    button = ada.page.get_by_test_id("approve")
    ada.press("y")
    expect(button).to_have_text("approvedY")
    ada.page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")

    masks = call(server, "GET", f"{SHAFT}/masks")["masks"]
    assert [mask["frame_idx"] for mask in masks if mask["approved"]] == [7]
    ada.press("y")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_the_filmstrip_shows_the_frames_and_a_larger_one_under_the_pointer(
    ada: AnnotatorPage,
) -> None:
    strip = ada.page.locator("canvas.strip")
    ada.until(lambda: int(strip.get_attribute("data-drawn") or 0) >= 5)
    ada.page.mouse.move(*on_timeline(ada, "strip", 20.5))
    preview = ada.page.get_by_test_id("frame-preview")
    expect(preview).to_contain_text("frame 20 · 00:00.800")
    expect(preview).to_have_attribute("data-loaded", "true")

    share = preview.locator("canvas").evaluate(WHERE_RED)
    assert share == pytest.approx((10 + STEP_PX * 20) / WIDTH, abs=0.03)
    ada.press("Shift+T")
    expect(strip).to_be_hidden()


def test_a_picture_of_the_filmstrip_stays_whole_where_there_is_room(ada: AnnotatorPage) -> None:
    ada.page.set_viewport_size({"width": 2560, "height": 1080})
    ada.page.mouse.move(*on_timeline(ada, "ruler", 20.5))
    for _ in range(4):
        ada.page.mouse.wheel(0, -400)
    ada.until(lambda: float(slider(ada, "frames")) == 8)
    strip = ada.page.locator("canvas.strip")
    ada.until(lambda: strip.evaluate(RED_RUNS))
    assert strip.evaluate(RED_RUNS)[0] == pytest.approx(51 * STRIP_PX / HEIGHT, abs=2)


def test_playback_keeps_to_the_time_of_the_video_and_ends_on_its_last_frame(
    ada: AnnotatorPage,
) -> None:
    ada.press(" ")
    ada.until(lambda: ada.state("playback.frame_idx") > 0)
    began_s = time.monotonic()
    first = ada.state("playback.frame_idx")
    ada.until(lambda: not ada.state("playback.playing"))

    assert ada.state("playback.frame_idx") == FRAMES - 1
    assert time.monotonic() - began_s > 0.9 * (FRAMES - 1 - first) / 25
    shown = FRAMES - 1 - ada.state("playback.pace.skipped")
    assert 1 <= shown <= FRAMES - 1


def test_a_loop_stays_in_the_range_at_a_quarter_of_the_rate(ada: AnnotatorPage) -> None:
    for frame_idx, key in ((10, "["), (12, "]")):
        ada.go_to(frame_idx)
        ada.press(key)
    ada.press("<", "<", "r", " ")
    seen: list[int] = []
    began_s = time.monotonic()

    def steps() -> list[int]:
        seen.append(ada.state("playback.frame_idx"))
        return [b - a for a, b in zip(seen, seen[1:], strict=False) if a != b]

    ada.until(lambda: len(steps()) > 4 and min(steps()) < 0 < max(steps()))
    took_s = time.monotonic() - began_s
    ada.press(" ", "r", "Alt+[", "Alt+]")

    assert set(seen) <= {10, 11, 12}
    assert len(steps()) <= took_s / 0.16 + 2


def test_scrubbing_fast_never_shows_a_frame_or_mask_under_another_number(
    ada: AnnotatorPage,
) -> None:
    seen: list[Any] = []
    ada.page.mouse.move(*on_timeline(ada, "ruler", 0.5))
    ada.page.mouse.down()
    ways = [*range(2, 40, 5), *range(38, 0, -7), *range(1, 40, 3), 20, 3, 33]
    while len({sample["frame_idx"] for sample in seen}) <= 5:  # a slow page shows fewer of them
        assert len(seen) < 20 * len(ways)
        for frame_idx in ways:
            ada.page.mouse.move(*on_timeline(ada, "ruler", frame_idx + 0.5))
            seen.append(ada.page.evaluate(ON_SCREEN))
    ada.page.mouse.up()
    ada.until_drawn(33)
    ada.until(lambda: ada.page.evaluate(ON_SCREEN)["drawn"])
    seen.append(ada.page.evaluate(ON_SCREEN))

    for sample in seen:
        assert sample["left"] == pytest.approx(10 + STEP_PX * sample["frame_idx"], abs=2)
        if sample["drawn"]:
            assert sample["mask"] == pytest.approx(sample["box"][0], abs=6)
    assert any(sample["drawn"] for sample in seen)
