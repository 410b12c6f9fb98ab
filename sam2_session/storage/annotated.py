"""Tells from what is on disk whether anybody has annotated a video."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sam2_session.storage.leases import LEASE_NAME
from sam2_session.storage.workspace import Workspace

# all that is there before anybody annotates: it can be made anew
MADE_BY_US = frozenset({"video.json", "frames", ".lock", ".reading"})
ANY = (
    "SELECT EXISTS (SELECT 1 FROM frames WHERE prompted) OR EXISTS (SELECT 1 FROM masks)"
    " OR EXISTS (SELECT 1 FROM keypoints)"
)


def is_annotated(workspace: Workspace, video_id: str) -> bool:
    """Tell if the video has prompts, masks or keypoints; True if its database cannot be read.

    Without a database, any file that is not made anew by opening the video counts.
    """
    database = workspace.database_path(video_id)
    if database.is_file():
        return _has_rows(database)
    names = (path.name for path in workspace.video_dir(video_id).iterdir())
    return any(name not in MADE_BY_US and not LEASE_NAME.fullmatch(name) for name in names)


def _has_rows(database: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as found:
            return bool(found.execute(ANY).fetchone()[0])
    except sqlite3.Error:
        return True
