"""Checks a video's folder after whatever happened: reads it with nothing of ours."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np


def rows(folder: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """A read of the video's database."""
    with closing(sqlite3.connect(folder / "session.sqlite3", timeout=10)) as connection:
        return connection.execute(query, values).fetchall()


def ops_of(folder: Path, client_id: str) -> list[int]:
    """The seqs of a client's accepted ops, in the order they were applied."""
    found = rows(folder, "SELECT seq FROM ops WHERE client_id = ? ORDER BY rev", client_id)
    return [seq for (seq,) in found]


def mask_files(folder: Path) -> dict[str, bytes]:
    """Every mask by its path."""
    paths = folder.glob("instance*/masks_*/*.png")
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(paths)}


def points(folder: Path, region: str = "overall") -> dict[int, Any]:
    """Points and box by frame, as points_<region>.json has them."""
    path = folder / f"instance1/points_{region}.json"
    frames = json.loads(path.read_text())["frames"] if path.exists() else []
    return {frame["frame_idx"]: (frame["points"], frame["box"]) for frame in frames}


def assert_whole(folder: Path) -> None:
    """No half file, no leftovers; files and database say the same."""
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)]
    assert list(folder.rglob(".*.tmp")) == []
    for path in folder.rglob("*.json"):
        json.loads(path.read_text())
    regions = {region for (region,) in rows(folder, "SELECT DISTINCT region FROM frames")}
    for region in regions:
        assert points(folder, region) == _points_in_database(folder, region)
    assert_pictures(folder)
    assert set(mask_files(folder)) == _masks_in_database(folder)


def assert_pictures(folder: Path) -> None:
    """Every mask file is a whole mask, also while a run goes on."""
    for name, data in mask_files(folder).items():
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        assert image is not None, name
        assert set(np.unique(image)) <= {0, 255}, name


def until_whole(folder: Path, seconds: float = 300.0) -> None:
    """Wait until what follows the last commit is on disk, too."""
    _until(lambda: _is_whole(folder), seconds)
    assert_whole(folder)
    assert _behind(folder) == []


def _is_whole(folder: Path) -> bool:
    try:
        assert_whole(folder)
    except (AssertionError, FileNotFoundError):
        return False
    return not _behind(folder)


def _behind(folder: Path) -> list[tuple[Any, ...]]:
    """The prompted frames whose masks are not those of their prompts."""
    return rows(
        folder,
        "SELECT instance_id, region, frame_idx, frames.rev, masks.rev"
        " FROM frames LEFT JOIN masks USING (instance_id, region, frame_idx)"
        " WHERE prompted AND (masks.rev IS NULL OR masks.rev != frames.rev)",
    )


def _until(condition: Callable[[], bool], seconds: float) -> None:
    end_s = time.monotonic() + seconds
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.05)


def _points_in_database(folder: Path, region: str) -> dict[int, Any]:
    found = rows(folder, "SELECT frame_idx, state FROM frames WHERE region = ?", region)
    states = {frame_idx: json.loads(state) for frame_idx, state in found}
    return {
        frame_idx: (state["points"], state["box"])
        for frame_idx, state in states.items()
        if state["points"] or state["box"]
    }


def _masks_in_database(folder: Path) -> set[str]:
    found = rows(folder, "SELECT instance_id, region, frame_idx FROM masks")
    return {f"instance{n}/masks_{region}/{idx + 1:05d}.png" for n, region, idx in found}
