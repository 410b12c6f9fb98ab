"""SIGKILL between the acknowledgement of a change and its files: the next start writes them."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.annotating import BODY, SIZE
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer
from tests.journeys import disk
from tests.journeys.page import Page

ROUNDS = 10  # at most; the first usually does
PAIR = "/api/videos/clip/instances/1/regions/overall"


@pytest.fixture
def server(server_pool: ServerPool, moving_clip: Path) -> Iterator[LiveServer]:
    with server_pool.lend(moving_clip) as server:
        yield server


def test_files_equal_the_database_after_a_kill_between_the_two(server: LiveServer) -> None:
    folder = server.dirs.outputs / "clip"
    ada = Page(server.url, "ada")
    ada.until(lambda: ada.ask("open_video", video_id="clip")["video"]["state"] == "ready")

    lagged = any(lags_when_killed(server, ada, turn) for turn in range(ROUNDS))

    assert lagged, "every kill came after the files"
    ada.ask("open_video", video_id="clip")
    disk.until_whole(folder)
    assert keypoints_of(folder) == disk.rows(folder, "SELECT keypoint_id, x FROM keypoints")
    assert disk.ops_of(folder, "ada") == sorted(
        seq for seq, ack in ada.acks.items() if "video" not in ack
    )
    ada.close()

    assert set_points(server, 7, BODY)["mask"]["area"] > 0
    points, files = disk.points(folder), disk.mask_files(folder)  # no waiting: REST has waited
    assert points[7] == ([{"x": BODY[0], "y": BODY[1], "label": 1}], None)
    assert "instance1/masks_overall/00008.png" in files


def lags_when_killed(server: LiveServer, ada: Page, turn: int) -> bool:
    """Kill the session process as soon as a point and a keypoint are acknowledged."""
    (pid,) = [pid for pid in server.session_pids if pid]
    point = ada.act("add_point", turn % 6, x=SIZE[0] / 4 + turn, y=SIZE[1] / 3, label=1)
    named = ada.send(
        "add_keypoint", video_id="clip", instance_id=1, frame_idx=turn % 6, x=turn, y=2, name="tip"
    )
    ada.wait(named)
    os.kill(pid, signal.SIGKILL)
    folder = server.dirs.outputs / "clip"
    behind = len(keypoints_of(folder)) <= turn
    assert ada.wait(point)["status"] == "applied"
    ada.ask("open_video", video_id="clip")  # answered by the next session process
    return behind


def keypoints_of(folder: Path) -> list[tuple[int, float]]:
    path = folder / "instance1/keypoints.json"
    rows = json.loads(path.read_text())["keypoints"] if path.exists() else []
    return [(row["keypoint_id"], row["x"]) for row in rows]


def set_points(server: LiveServer, frame_idx: int, at: tuple[float, float]) -> Any:
    """Replace the prompts of a frame over REST."""
    body = json.dumps({"points": [{"x": at[0], "y": at[1], "label": 1}]}).encode()
    request = urllib.request.Request(
        f"{server.url}{PAIR}/prompts/{frame_idx}",
        body,
        {"Content-Type": "application/json", "X-CSRF": "1"},
        method="PUT",
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
