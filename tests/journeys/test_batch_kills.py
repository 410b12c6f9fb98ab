"""SIGKILL in the middle of "process all": it goes on, and its bytes are those of a calm day."""

from __future__ import annotations

import json
import random
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.annotating import BODY, make_moving_clip
from tests.browser.server import LiveServer
from tests.workspace_dirs import WorkspaceDirs

FRAMES, EVERY = 48, 12
WAIT_S = 240.0
KILLS = 3
EXPORT = {"format": "green_screen", "options": {"empty_frames": True}}


def ask(server: LiveServer, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(server.url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
        return json.loads(answer.read())


def wait_for_end(server: LiveServer, job_id: str) -> dict[str, Any]:
    until_s = time.monotonic() + WAIT_S
    while True:
        job: dict[str, Any] = ask(server, "GET", f"/api/jobs/{job_id}")
        if job["state"] not in ("queued", "running"):
            return job
        assert time.monotonic() < until_s, f"{job}\n{server.tail()}"
        time.sleep(0.05)


def begin(server: LiveServer) -> str:
    """Cut the clip, click in every segment, start to process all; the job's id."""
    cut = {"name": "long", "video_id": "clip", "cut": {"every_frames": EVERY}}
    batch = ask(server, "POST", "/api/batches", cut)
    wait_until(server, lambda: _has_model(ask(server, "GET", "/api/models")["models"]))
    for row in batch["items"]:
        video = f"/api/videos/{row['video_id']}"
        wait_until(server, lambda video=video: ask(server, "GET", video)["extracted"])
        pair = f"/api/videos/{row['video_id']}/instances/1/regions/overall"
        points = [{"x": BODY[0], "y": BODY[1], "label": 1}]
        ask(server, "PUT", f"{pair}/prompts/0", {"points": points, "box": None})
        ask(server, "POST", f"/api/batches/long/items/{row['item']}/save")
    ask(server, "PATCH", "/api/batches/long", {"settings": {"offset": 19800}})
    started = ask(server, "POST", "/api/batches/long/process", {"export": EXPORT})
    return str(started["job_id"])


def wait_until(server: LiveServer, condition: Callable[[], Any]) -> None:
    until_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < until_s, server.tail()
        time.sleep(0.05)


def _has_model(models: list[dict[str, Any]]) -> bool:
    return any(model["state"] == "selected" for model in models)


def results(dirs: WorkspaceDirs) -> dict[str, bytes]:
    """Every mask, and every picture that was exported."""
    found = [*dirs.outputs.glob("clip-*/instance*/masks_*/*.png")]
    found += dirs.outputs.glob("batches/long/export_green_screen/*.png")
    return {str(path.relative_to(dirs.outputs)): path.read_bytes() for path in found}


def processed(folder: Path, kills: int) -> dict[str, bytes]:
    dirs, dice = WorkspaceDirs.made_in(folder), random.Random(kills)
    make_moving_clip(dirs.videos / "clip.mp4", FRAMES)
    with LiveServer(dirs, folder / "server.log", "--precision", "fp32") as server:
        job_id = begin(server)
        for _ in range(kills):
            time.sleep(dice.uniform(0.1, 1.5))
            server.kill()
            server.start()
        job = wait_for_end(server, job_id)
        items = ask(server, "GET", "/api/batches/long")["items"]
    assert job["state"] == "done", job
    assert [row["state"] for row in items] == ["processed"] * (FRAMES // EVERY)
    return results(dirs)


@pytest.mark.slow
def test_process_all_survives_kills_with_the_same_bytes(tmp_path: Path) -> None:
    calm = processed(tmp_path / "calm", kills=0)
    killed = processed(tmp_path / "killed", kills=KILLS)

    assert len(calm) == 2 * FRAMES
    assert f"batches/long/export_green_screen/frame_{19800 + FRAMES - 1:06d}_masked.png" in calm
    assert killed == calm
