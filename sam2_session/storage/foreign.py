"""Sets aside annotations of another tool in outputs/: JSON and masks without a database."""

from __future__ import annotations

import re
from pathlib import Path

from sam2_session.storage.atomic import make_folder, move
from sam2_session.storage.workspace import Workspace

INSTANCE = re.compile(r"instance[1-9][0-9]{0,8}")
CONTENT = ("masks_*", "points_*.json", "keypoints.json")


def set_aside(workspace: Workspace, video_id: str) -> None:
    """Move such files to the found folder, before a new database would claim them."""
    if workspace.database_path(video_id).exists():
        return
    folder = workspace.video_dir(video_id)
    found = [path for path in folder.glob("instance*") if INSTANCE.fullmatch(path.name)]
    for path in sorted(path for path in found if _has_annotations(path)):
        make_folder(workspace.found_dir(video_id))
        move(path, workspace.found_dir(video_id) / path.name)


def _has_annotations(folder: Path) -> bool:
    return not folder.is_symlink() and any(next(folder.glob(pattern), None) for pattern in CONTENT)
