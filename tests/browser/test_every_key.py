"""Keys that no other browser test presses, each once on one page, with what it does."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.annotating import BODY, DISC
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer
from tests.flagged_clips import NUM_FRAMES, vanishing, write_clip

INSTANCES = "/api/videos/clip/instances"
LAST = 3  # of the frames that runs go over; the body is in them


@pytest.fixture(scope="module")
def server(
    server_pool: ServerPool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server with a short clip."""
    path = tmp_path_factory.mktemp("keys") / "clip.mp4"
    write_clip(path, vanishing())
    with server_pool.lend(path) as live:
        yield live


def call(server: LiveServer, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(server.url + path, data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.load(answer)


@pytest.fixture
def ada(server: LiveServer, kept_page: Page) -> AnnotatorPage:
    """Open frame 0 of a clip of nine instances, the first with masks of two regions."""
    annotator = AnnotatorPage(kept_page, server.url)
    if annotator.state("video.open") is None:
        annotator.open("clip.mp4")
        annotator.until(lambda: annotator.state("video.open.state") == "ready")
        annotate(server)
    annotator.press("Home", "1", "v")
    while annotator.state("annotations.region") != "overall":
        annotator.press("Tab")
    annotator.until(lambda: annotator.drawn_masks() == 2)
    return annotator


def annotate(server: LiveServer) -> None:
    for number in range(2, 10):
        call(server, "POST", INSTANCES, {"name": f"thing {number}"})
    for region, (x, y) in (("overall", BODY), ("shaft", DISC)):
        points = {"points": [{"x": x, "y": y, "label": 1}], "box": None}
        call(server, "PUT", f"{INSTANCES}/1/regions/{region}/prompts/0", points)


def frames_shown(ada: AnnotatorPage) -> float:
    slider = ada.page.get_by_test_id("timeline-slider")
    return float(slider.get_attribute("data-frames") or 0)


def test_steps_of_one_and_of_ten_frames(ada: AnnotatorPage) -> None:
    for key, frame_idx in (
        (".", 1), (",", 0), ("d", 1), ("a", 0), ("Shift+ArrowRight", 10), ("Shift+ArrowLeft", 0),
        ("Shift+d", 10), ("Shift+a", 0),
    ):  # fmt: skip
        ada.press(key)
        ada.until(lambda wanted=frame_idx: ada.state("playback.frame_idx") == wanted)  # type: ignore[misc]
    ada.until_drawn(0)


def test_g_takes_a_frame_number(ada: AnnotatorPage) -> None:
    ada.press("g")
    expect(ada.page.get_by_test_id("frame-number")).to_be_focused()
    ada.page.keyboard.type("7")
    ada.press("Enter")

    ada.until_drawn(7)


def test_the_rate_goes_up_and_down(ada: AnnotatorPage) -> None:
    ada.press(">")
    assert ada.state("view.rate") > 1
    ada.press("<")
    assert ada.state("view.rate") == 1


def test_the_stage_zooms_and_fits(ada: AnnotatorPage) -> None:
    fitted = ada.state("view.zoom")
    zooms = []
    for key in ("+", "-", "=", "0"):
        ada.press(key)
        ada.painted()
        zooms.append(ada.state("view.zoom"))

    assert zooms == pytest.approx([fitted * 1.25, fitted, fitted * 1.25, fitted])


def test_masks_become_more_and_less_opaque_and_are_hidden(ada: AnnotatorPage) -> None:
    for name, more, less in (
        ("alpha", "ArrowUp", "ArrowDown"),
        ("others_alpha", "Control+ArrowUp", "Control+ArrowDown"),
    ):
        before = ada.state(f"view.{name}")
        ada.press(less)
        assert ada.state(f"view.{name}") < before
        ada.press(more)
        assert ada.state(f"view.{name}") == before
    ada.press("h")
    assert ada.state("view.masks_hidden") is True
    ada.press("h")
    assert ada.state("view.masks_hidden") is False


def test_the_timeline_shows_fewer_and_more_frames_and_the_range(ada: AnnotatorPage) -> None:
    for closer in ("Alt+=", "Alt++"):
        ada.press(closer)
        ada.until(lambda: frames_shown(ada) < NUM_FRAMES)
        ada.press("Alt+-")
        ada.until(lambda: frames_shown(ada) == NUM_FRAMES)
    ada.press("[")
    ada.go_to(9)
    ada.press("]", "Alt+r")
    ada.until(lambda: frames_shown(ada) < NUM_FRAMES)
    ada.press("Alt+r", "Alt+[", "Alt+]")
    ada.until(lambda: frames_shown(ada) == NUM_FRAMES)
    assert ada.state("playback.range") == {"start": None, "end": None}


def test_digits_select_instances(ada: AnnotatorPage) -> None:
    selected = []
    for key in ("2", "3", "4", "5", "6", "7", "8", "9", "1"):
        ada.press(key)
        selected.append(ada.state("annotations.instance_id"))

    assert selected == [2, 3, 4, 5, 6, 7, 8, 9, 1]


def test_lanes_are_walked_down_and_up(ada: AnnotatorPage) -> None:
    ada.press("Shift+ArrowDown")
    below = ada.state("annotations.region")
    ada.press("Shift+ArrowUp")

    assert (below, ada.state("annotations.region")) == ("shaft", "overall")


def test_q_selects_the_pair_under_the_pointer(ada: AnnotatorPage) -> None:
    ada.page.mouse.move(*ada.screen(*DISC))
    ada.until(lambda: ada.state("view.hovered") == ["1/shaft"])
    ada.press("q")

    assert ada.state("annotations.region") == "shaft"


def test_prompted_frames_are_walked_and_z_takes_a_click_back(ada: AnnotatorPage) -> None:
    ada.go_to(3)
    ada.click(*BODY)
    ada.press("PageUp")
    ada.until_drawn(0)
    ada.press("PageDown")
    ada.until_drawn(3)
    ada.press("z")

    ada.until(lambda: ada.stage("points") == "0" and ada.is_saved())


def test_f2_renames_the_selected_keypoint(ada: AnnotatorPage) -> None:
    ada.press("k")
    ada.page.mouse.click(*ada.screen(*DISC))
    for name in ("end", "tip"):
        expect(ada.page.get_by_test_id("keypoint-editor")).to_be_visible()
        ada.page.keyboard.type(name)
        ada.press("Enter")
        ada.until(lambda wanted=name: ada.state("annotations.keypoints.1.0.name") == wanted)  # type: ignore[misc]
        if name == "end":
            ada.press("F2")


def test_runs_go_forward_back_and_both_ways(ada: AnnotatorPage) -> None:
    ada.go_to(LAST)
    ada.press("]")
    for key, direction, place in (
        ("f", "forward", BODY),
        ("Shift+f", "backward", (40, 20)),
        ("Shift+j", "backward", (50, 30)),
        ("Alt+j", "both", (40, 40)),
    ):
        ada.go_to(2)
        ada.click(*place)
        assert ada.propagate(key)["direction"] == direction
    ada.press("Alt+]")

    assert set(ada.state("annotations.masks.1/overall")) == {str(at) for at in range(LAST + 1)}
