"""Makes a long video with annotations, without a network: rows and files as a run leaves them."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scenes import draw_frames, write_film
from sam2_session.core.frame_state import FrameState
from sam2_session.core.masks import MaskFacts
from sam2_session.core.png import encode_gray8
from sam2_session.core.types import FramePrompt, MaskFlag, MaskSource, Point, SessionKey
from sam2_session.storage import history_rows
from sam2_session.storage.database import Database, Transaction
from sam2_session.storage.frame_rows import FrameRow, save_frame
from sam2_session.storage.mask_rows import MaskRow, save_mask
from sam2_session.storage.op_rows import next_rev
from sam2_session.storage.workspace import Workspace
from tests.browser.server import LiveServer
from tests.workspace_dirs import WorkspaceDirs

SMALL_HW = (144, 256)
REGIONS = ("overall", "shaft", "wrist", "gripper")
EXTRACTED_S = 1800.0
PROMPTED_EVERY = 500  # frames
SAVED_AT_ONCE = 8  # masks of a run that share a revision


def make_long_project(folder: Path, *, frames: int, pairs: int) -> WorkspaceDirs:
    """Draw a film of small frames, have it extracted, and give each pair a mask on every frame."""
    dirs = WorkspaceDirs.made_in(folder)
    scene = draw_frames(folder / "scene", min(frames, 100), SMALL_HW)
    write_film(scene, dirs.videos / "long.mp4", frames)
    instances = -(-pairs // len(REGIONS))
    with LiveServer(dirs, folder / "log") as server:
        video_id = _extracted(server)
        for _ in range(1, instances):
            _fetch(f"{server.url}/api/videos/{video_id}/instances", {})
    workspace = Workspace(dirs.videos, dirs.outputs)
    database = Database(workspace.database_path(video_id))
    shapes = np.random.default_rng(3)
    for pair in range(pairs):
        key = SessionKey(video_id, pair // len(REGIONS) + 1, REGIONS[pair % len(REGIONS)])
        database.write(partial(_add_pair, key=key, frames=frames, shapes=shapes))
        _link_masks(workspace, key, frames)
    database.close()
    return dirs


def _extracted(server: LiveServer) -> str:
    """Wait until the film is extracted; returns its id."""
    (video,) = _fetch(f"{server.url}/api/videos")["videos"]
    url = f"{server.url}/api/videos/{video['video_id']}"
    _fetch(f"{url}/extract", {})
    until_s = time.monotonic() + EXTRACTED_S
    while _fetch(url)["state"] != "ready":
        assert time.monotonic() < until_s, "the film was not extracted"
        time.sleep(0.5)
    return str(video["video_id"])


def _fetch(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def _add_pair(
    tx: Transaction, *, key: SessionKey, frames: int, shapes: np.random.Generator
) -> None:
    """Add masks that move and change as tracked ones do, with prompts on every 500th frame."""
    walk = np.cumsum(shapes.normal(0, 1.2, (frames, 2)), 0)
    corners = np.abs(walk + 80) % 100
    sides = 30 + 8 * np.sin(np.arange(frames) / 25)[:, None] + shapes.normal(0, 0.7, (frames, 2))
    scores = 7 + 2 * np.sin(np.arange(frames) / 90) + shapes.normal(0, 0.8, frames)
    rev = 0
    for frame_idx in range(frames):
        if frame_idx % SAVED_AT_ONCE == 0:
            rev = next_rev(tx)
        (x0, y0), (wide, high) = corners[frame_idx].astype(int), sides[frame_idx].astype(int)
        box = (int(x0), int(y0), int(x0 + wide), int(y0 + high))
        area = int(wide * high * 0.7 + shapes.integers(0, 30))
        prompted = frame_idx % PROMPTED_EVERY == 0
        source = MaskSource.HUMAN if prompted else MaskSource.PROPAGATED
        flags = (MaskFlag.LOST,) if frame_idx % 1000 in range(700, 730) else ()
        mask = MaskRow(
            frame_idx,
            rev,
            source,
            MaskFacts(area, box),
            None if prompted else 1,
            float(np.float32(scores[frame_idx])),
            approved=frame_idx // 1000 % 3 == 1,
            flags=() if prompted else flags,
        )
        if prompted:
            _add_prompt(tx, key, FrameRow(frame_idx, rev, _clicked(box)))
        save_mask(tx, key, mask)


def _add_prompt(tx: Transaction, key: SessionKey, row: FrameRow) -> None:
    at = (key.instance_id, key.region, row.frame_idx)
    history_rows.push(tx, at, FrameState().to_json(), row.state.to_json(), "a-client")
    save_frame(tx, key, row)


def _clicked(box: tuple[int, int, int, int]) -> FrameState:
    x0, y0, x1, y1 = box
    return FrameState(FramePrompt((Point((x0 + x1) / 2, (y0 + y1) / 2, 1),)))


def _link_masks(workspace: Workspace, key: SessionKey, frames: int) -> None:
    """Give every frame the same tiny file."""
    folder = workspace.masks_dir(key)
    folder.mkdir(parents=True)
    mask_hw = np.zeros(SMALL_HW, bool)
    mask_hw[40:80, 60:110] = True
    first = workspace.mask_path(key, 0)
    first.write_bytes(encode_gray8(mask_hw))
    for frame_idx in range(1, frames):
        os.link(first, workspace.mask_path(key, frame_idx))
