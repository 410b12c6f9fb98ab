"""JSON files that the server writes a moment after it has acknowledged a change."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

from tests.browser.server import LiveServer

WRITTEN_S = 120.0


def written_frames(server: LiveServer, region: str = "overall") -> list[dict[str, Any]]:
    """The frames of points_<region>.json, once they are those that the server has."""
    path = server.dirs.outputs / "demo" / "instance1" / f"points_{region}.json"
    until_s = time.monotonic() + WRITTEN_S
    while True:
        stored = _stored(server, region)
        frames: list[dict[str, Any]] = (
            json.loads(path.read_text())["frames"] if path.exists() else []
        )
        if [_prompts(frame) for frame in frames] == stored:
            return frames
        assert time.monotonic() < until_s, f"{path} holds {frames}, the server {stored}"
        time.sleep(0.02)


def _stored(server: LiveServer, region: str) -> list[Any]:
    url = f"{server.url}/api/videos/demo/instances/1/regions/{region}/prompts"
    with urllib.request.urlopen(url) as answer:
        rows = json.load(answer)["prompts"]
    return [_prompts(row) for row in rows if row["points"] or row["box"]]


def _prompts(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["frame_idx"], row["points"], row["box"]
