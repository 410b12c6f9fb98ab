"""Use of a region: the videos with prompts or masks in it, read from their files."""

from __future__ import annotations

from pathlib import Path

from sam2_session.storage.documents import read_document
from sam2_session.storage.workspace import Workspace


def videos_in_region(workspace: Workspace, region: str) -> list[str]:
    """Return the ids of videos in which an instance that is not deleted uses this region."""
    folders = sorted(workspace.outputs_dir.glob("*/instance*/"))
    used = {
        folder.parent.name
        for folder in folders
        if not folder.parent.name.startswith(".") and _holds(folder, region)
    }
    return sorted(used)


def _holds(instance_dir: Path, region: str) -> bool:
    if next((instance_dir / f"masks_{region}").glob("*.png"), None) is not None:
        return True
    try:
        return bool(read_document(instance_dir / f"points_{region}.json")["frames"])
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return True  # a region is kept if its use cannot be read
