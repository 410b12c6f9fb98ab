"""Sets aside files in outputs/: another tool's annotations, or a damaged database."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from sam2_session.storage.atomic import make_folder, move
from sam2_session.storage.workspace import DATABASE_NAME, Workspace

INSTANCE = re.compile(r"instance[1-9][0-9]{0,8}")
CONTENT = ("masks_*", "points_*.json", "keypoints.json")


def set_aside(workspace: Workspace, video_id: str) -> None:
    """Move such files to the found folder, before a new database would claim them."""
    if has_database(workspace, video_id):
        return
    folder = workspace.video_dir(video_id)
    found = [path for path in folder.glob("instance*") if INSTANCE.fullmatch(path.name)]
    for path in sorted(path for path in found if _has_annotations(path)):
        make_folder(workspace.found_dir(video_id))
        move(path, workspace.found_dir(video_id) / path.name)


def set_database_aside(workspace: Workspace, video_id: str) -> Path:
    """Move a damaged database, with all that only it can explain, to a hidden folder beside it.

    Returns that folder. JSON files and masks stay where they are.
    """
    folder = workspace.damaged_dir(video_id, f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")
    make_folder(folder)
    home = workspace.video_dir(video_id)
    lock = workspace.lock_path(video_id)
    paths = [*home.glob(f"{DATABASE_NAME}*"), *home.glob(".deleted_*"), *home.glob(".replaced")]
    for path in sorted(paths) + ([lock] if lock.is_dir() else []):
        move(path, folder / path.name)
    return folder


def has_database(workspace: Workspace, video_id: str) -> bool:
    """Return whether a video has a database; an empty file without a log of commits is none."""
    path = workspace.database_path(video_id)
    return path.is_dir() or any(
        file.is_file() and file.stat().st_size for file in (path, wal(path))
    )


def wal(path: Path) -> Path:
    """Return the write-ahead log of a database, which may hold all of a new one's content."""
    return path.with_name(f"{path.name}-wal")


def _has_annotations(folder: Path) -> bool:
    return not folder.is_symlink() and any(next(folder.glob(pattern), None) for pattern in CONTENT)
