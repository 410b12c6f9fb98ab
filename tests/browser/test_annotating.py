"""The main job in a real browser on a real server: click, undo, switch, name, propagate."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.driver import AnnotatorPage
from tests.browser.files import written_frames
from tests.browser.server import LiveServer

SHAFT = (60, 310)  # the left tool of the demo clip, on frame 0
BACKGROUND = (500, 60)


@pytest.fixture
def ada(live_server: LiveServer, page: Page) -> AnnotatorPage:
    annotator = AnnotatorPage(page, live_server.url)
    annotator.open()
    return annotator


def instance_dir(server: LiveServer, instance_id: int = 1) -> Path:
    return server.dirs.outputs / "demo" / f"instance{instance_id}"


def mask_path(server: LiveServer, frame_idx: int, region: str = "overall") -> Path:
    return instance_dir(server) / f"masks_{region}" / f"{frame_idx + 1:05d}.png"


def points(server: LiveServer, region: str = "overall") -> list[dict[str, float]]:
    frames = written_frames(server, region)
    return frames[0]["points"] if frames else []


def test_a_click_shows_the_mask_and_saves_it(ada: AnnotatorPage, live_server: LiveServer) -> None:
    ada.click(*SHAFT)

    ada.until(lambda: mask_path(live_server, 0).exists())
    mask = cv2.imread(str(mask_path(live_server, 0)), cv2.IMREAD_UNCHANGED)
    assert mask is not None
    assert ada.drawn_masks() == 1
    assert mask.shape == (360, 640)
    assert set(np.unique(mask)) == {0, 255}
    assert mask[310, 60] == 255
    (point,) = points(live_server)
    assert (round(point["x"]), round(point["y"]), point["label"]) == (60, 310, 1)


def test_right_and_shift_clicks_are_negative(ada: AnnotatorPage, live_server: LiveServer) -> None:
    ada.click(*SHAFT)
    ada.click(*BACKGROUND, button="right")
    ada.click(300, 330, modifiers=["Shift"])

    assert [point["label"] for point in points(live_server)] == [1, 0, 0]


def test_undo_redo_and_clear_by_key(ada: AnnotatorPage, live_server: LiveServer) -> None:
    ada.click(*SHAFT)
    ada.until(lambda: mask_path(live_server, 0).exists())
    one = mask_path(live_server, 0).read_bytes()
    ada.click(*BACKGROUND, button="right")
    ada.until(lambda: mask_path(live_server, 0).read_bytes() != one)
    two = mask_path(live_server, 0).read_bytes()

    ada.press_and_settle("u")
    ada.until(lambda: mask_path(live_server, 0).read_bytes() == one)
    ada.press_and_settle("Control+Shift+z")
    ada.until(lambda: mask_path(live_server, 0).read_bytes() == two)
    ada.press_and_settle("c")

    ada.until(lambda: not mask_path(live_server, 0).exists())
    assert ada.drawn_masks() == 0


def test_switching_pairs_loses_nothing(ada: AnnotatorPage, live_server: LiveServer) -> None:
    ada.click(*SHAFT)
    ada.press("Tab")
    ada.click(205, 115)
    ada.press("Shift+Tab")
    ada.click(150, 260)

    assert len(points(live_server)) == 2
    assert len(points(live_server, "shaft")) == 1
    assert ada.drawn_masks() == 2


def test_keypoints_are_named_moved_undone_and_removed(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    def saved() -> list[dict[str, object]]:
        path = instance_dir(live_server) / "keypoints.json"
        return list(json.loads(path.read_text())["keypoints"]) if path.exists() else []

    ada.press("k")
    ada.page.mouse.click(*ada.screen(280, 60))
    ada.page.keyboard.type("tip_left")
    ada.press("Enter")
    ada.until(lambda: [keypoint["name"] for keypoint in saved()] == ["tip_left"])
    ada.page.mouse.move(*ada.screen(280, 60))
    ada.page.mouse.down()
    ada.page.mouse.move(*ada.screen(200, 100), steps=4)
    ada.page.mouse.up()
    ada.until(lambda: abs(float(str(saved()[0]["x"])) - 200) < 2)
    ada.press("u")

    ada.until(lambda: abs(float(str(saved()[0]["x"])) - 280) < 2)
    ada.press("Delete")
    ada.until(lambda: saved() == [])


def test_a_run_fills_the_video_and_shows_while_it_works(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)

    job = ada.propagate()
    ada.go_to(40)
    ada.until(lambda: ada.drawn_masks() == 1)

    assert (job["state"], job["done"]) == ("done", 90)
    assert len(list((instance_dir(live_server) / "masks_overall").glob("*.png"))) == 90


def test_escape_stops_a_run_and_keeps_its_masks(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)
    ada.press("t")
    ada.until(lambda: mask_path(live_server, 9).exists())
    ada.press("Escape")
    card = ada.page.get_by_test_id("job-card")
    ada.until(lambda: card.get_attribute("data-state") in ("cancelled", "done"))

    kept = list((instance_dir(live_server) / "masks_overall").glob("*.png"))
    assert len(kept) >= 10
    assert all(cv2.imread(str(path), 0) is not None for path in kept)


def test_a_click_is_answered_during_a_run(ada: AnnotatorPage, live_server: LiveServer) -> None:
    ada.click(*SHAFT)
    ada.press("Alt+w", "t")  # the stage stays on frame 0
    ada.until(lambda: mask_path(live_server, 4).exists())

    ada.press("Tab")
    ada.click(205, 115)

    ada.until(lambda: mask_path(live_server, 0, "shaft").exists())


def test_a_reload_comes_back_to_the_same_place(ada: AnnotatorPage) -> None:
    ada.press("Tab")
    ada.click(205, 115)
    for frame_idx in (12, 88, 1):
        ada.go_to(frame_idx)

        ada.page.reload()

        ada.until_drawn(frame_idx)
        assert (ada.state("video.open.video_id"), ada.state("annotations.region")) == (
            "demo",
            "shaft",
        )
