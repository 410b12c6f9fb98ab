"""SIGKILL while a run is rolled back, taken up again, and while it replaces masks: nothing half."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import urllib.error
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.annotating import BODY, DISC, make_moving_clip
from tests.browser.server import LiveServer
from tests.journeys import disk
from tests.journeys.test_batch_kills import ask, wait_for_end, wait_until
from tests.workspace_dirs import WorkspaceDirs

FRAMES = 40
PAIR = "/api/videos/clip/instances/1/regions/overall"


@pytest.mark.slow
@pytest.mark.parametrize("kills", [1, 50])
def test_a_killed_roll_back_is_whole_or_has_not_begun(
    workspace_dirs: WorkspaceDirs, tmp_path: Path, kills: int
) -> None:
    make_moving_clip(workspace_dirs.videos / "clip.mp4", FRAMES)
    folder, dice = workspace_dirs.outputs / "clip", random.Random(kills)
    with LiveServer(workspace_dirs, tmp_path / "server.log", "--precision", "fp32") as server:
        wait_until(server, lambda: serves(server))
        ask(server, "POST", "/api/videos/clip/extract")
        wait_until(server, lambda: ask(server, "GET", "/api/videos/clip")["state"] == "ready")
        old = run_from(server, folder, *BODY)
        new = run_from(server, folder, *DISC)  # run 2, or one made anew after a kill
        for count in range(kills):
            if count % 3 == 2:
                kill_under(server, dice, "POST", "/api/videos/clip/propagate", {"force": True})
                wait_for_runs(server)
                run = newest(server)
                assert disk.mask_files(folder) == new
                assert run["restorable"] == FRAMES - 1, count
            path = f"/api/videos/clip/runs/{newest(server)['run']}/rollback"
            kill_under(server, dice, "POST", path, {})
            disk.until_whole(folder)
            found = disk.mask_files(folder)
            assert found in (new, old_under(new, old)), count
            change = {"instance_id": 1, "region": "overall", "frame_idx": 5}
            if found != new and count % 2:
                kill_under(server, dice, "POST", "/api/videos/clip/undo", change)
                disk.until_whole(folder)
                found = disk.mask_files(folder)
                assert found in (new, old_under(new, old)), count
            if found != new:
                ask(server, "POST", "/api/videos/clip/undo", change)
            assert disk.mask_files(folder) == new, count


def run_from(server: LiveServer, folder: Path, x: float, y: float) -> dict[str, bytes]:
    """Click on the first frame and run; every mask after it."""
    points = [{"x": x, "y": y, "label": 1}]
    ask(server, "PUT", f"{PAIR}/prompts/0", {"points": points, "box": None})
    job = ask(server, "POST", "/api/videos/clip/propagate", {"force": True})
    assert wait_for_end(server, job["job_id"])["state"] == "done"
    return disk.mask_files(folder)


def old_under(new: dict[str, bytes], old: dict[str, bytes]) -> dict[str, bytes]:
    """The masks before the run, below the prompt of now."""
    prompted = "instance1/masks_overall/00001.png"
    return {**old, prompted: new[prompted]}


def kill_under(
    server: LiveServer,
    dice: random.Random,
    method: str,
    path: str,
    body: Any,
    within_s: float = 0.25,
) -> None:
    """Kill the session process soon after it was asked for something; wait until it serves."""

    def send() -> None:
        with suppress(OSError, urllib.error.URLError, ValueError):
            ask(server, method, path, body)

    asking = threading.Thread(target=send)
    asking.start()
    time.sleep(dice.uniform(0, within_s))
    for pid in server.session_pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    asking.join()
    wait_until(server, lambda: serves(server))


def serves(server: LiveServer) -> bool:
    with suppress(OSError, urllib.error.URLError):
        models = ask(server, "GET", "/api/models")["models"]
        ask(server, "GET", "/api/videos/clip/runs")
        return any(model["state"] == "selected" for model in models)
    return False


def wait_for_runs(server: LiveServer) -> None:
    for job in ask(server, "GET", "/api/jobs")["jobs"]:
        if job["kind"] == "propagate":
            wait_for_end(server, job["job_id"])


def newest(server: LiveServer) -> dict[str, Any]:
    """The newest run that has masks to take back."""
    runs = ask(server, "GET", "/api/videos/clip/runs")["runs"]
    return next(run for run in runs if run["restorable"])
