"""SIGKILL while a gap is filled from both sides: every mask whole, and the same end as without."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.annotating import BODY, make_moving_clip
from tests.browser.server import LiveServer
from tests.journeys import disk
from tests.journeys.test_batch_kills import ask, wait_for_end, wait_until
from tests.journeys.test_roll_back_kills import PAIR, kill_under, serves, wait_for_runs
from tests.workspace_dirs import WorkspaceDirs

FRAMES = 40
LAST = 36
FILL = {"mode": "fill", "force": True}


@pytest.mark.slow
@pytest.mark.parametrize("kills", [25])
def test_a_killed_fill_goes_on_to_the_same_masks(
    workspace_dirs: WorkspaceDirs, tmp_path: Path, kills: int
) -> None:
    make_moving_clip(workspace_dirs.videos / "clip.mp4", FRAMES)
    folder, dice = workspace_dirs.outputs / "clip", random.Random(kills)
    with LiveServer(workspace_dirs, tmp_path / "server.log", "--precision", "fp32") as server:
        wait_until(server, lambda: serves(server))
        ask(server, "POST", "/api/videos/clip/extract")
        wait_until(server, lambda: ask(server, "GET", "/api/videos/clip")["state"] == "ready")
        for frame_idx in (0, LAST):
            points = [{"x": BODY[0] + 2 * frame_idx, "y": BODY[1], "label": 1}]
            ask(server, "PUT", f"{PAIR}/prompts/{frame_idx}", {"points": points, "box": None})
        job = ask(server, "POST", "/api/videos/clip/propagate", FILL)
        assert wait_for_end(server, job["job_id"])["state"] == "done"
        at_once = filled(folder)
        for count in range(kills):
            path = "/api/videos/clip/propagate"
            kill_under(server, dice, "POST", path, FILL, within_s=4.0)
            disk.assert_pictures(folder)
            wait_for_runs(server)
            disk.until_whole(folder)
            assert unlike(filled(folder), at_once) == [], count
            assert not list((folder / ".replaced").rglob("*.first.png")), count
        roll_all_back(server)
        assert set(filled(folder)[1]) == {(0, None), (LAST, None)}


Filled = tuple[dict[str, bytes], list[tuple[int, float | None]]]


def unlike(found: Filled, wanted: Filled) -> list[Any]:
    """Name the mask files that differ, and the frames on which the sides agree otherwise."""
    names = {*found[0], *wanted[0]}
    files = sorted(name for name in names if found[0].get(name) != wanted[0].get(name))
    agreements, expected = dict(found[1]), dict(wanted[1])
    frames = sorted({*agreements, *expected})
    return [
        *files,
        *(
            (idx, agreements.get(idx, "no mask"), expected.get(idx, "no mask"))
            for idx in frames
            if agreements.get(idx, "no mask") != expected.get(idx, "no mask")
        ),
    ]


def filled(folder: Path) -> Filled:
    """Every mask, and how far its two sides agree."""
    query = "SELECT frame_idx, agreement FROM masks ORDER BY 1"
    return disk.mask_files(folder), [(idx, iou) for idx, iou in disk.rows(folder, query)]


def roll_all_back(server: LiveServer) -> None:
    """Take every run back, the newest first."""
    runs: list[dict[str, Any]] = ask(server, "GET", "/api/videos/clip/runs")["runs"]
    for number in [run["run"] for run in runs]:
        listed = ask(server, "GET", "/api/videos/clip/runs")["runs"]
        if any(run["run"] == number and run["restorable"] for run in listed):
            ask(server, "POST", f"/api/videos/clip/runs/{number}/rollback", {})
