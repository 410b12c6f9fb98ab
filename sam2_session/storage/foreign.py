"""A folder in outputs/ that another tool made: JSON and masks, but no database."""

from __future__ import annotations

import re
from pathlib import Path

from sam2_session.storage.atomic import make_folder, move
from sam2_session.storage.workspace import Workspace

INSTANCE = re.compile(r"instance[1-9][0-9]{0,8}")
CONTENT = ("masks_*", "points_*.json", "keypoints.json")


def set_aside(workspace: Workspace, video_id: str) -> None:
    """Before the database is made: what lies there must not be taken for what belongs to it."""
    if workspace.database_path(video_id).exists():
        return
    folder = workspace.video_dir(video_id)
    found = [one for one in folder.glob("instance*") if INSTANCE.fullmatch(one.name)]
    for path in sorted(one for one in found if _holds_something(one)):
        make_folder(workspace.found_dir(video_id))
        move(path, workspace.found_dir(video_id) / path.name)


def _holds_something(folder: Path) -> bool:
    return not folder.is_symlink() and any(next(folder.glob(one), None) for one in CONTENT)
