"""Stores rebuilt masks: one folder a rebuild, complete once its report is in it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from sam2_session.core.errors import MaskNotFound, NotFound
from sam2_session.core.frame_files import file_number
from sam2_session.core.types import REGION_SLUG, SessionKey
from sam2_session.storage.atomic import make_folder, write_bytes, write_json
from sam2_session.storage.documents import parse_document
from sam2_session.storage.workspace import Workspace

REBUILD_ID = re.compile(r"rebuild-[0-9a-f]{12}")
REPORT = "report.json"


class RebuildStore:
    """Keeps the newest rebuild of each video; a new one takes the place of those before."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def begin(self, video_id: str, rebuild_id: str) -> Path:
        """Make the folder of a new rebuild, and remove all earlier ones."""
        home = self._workspace.rebuilds_dir(video_id)
        shutil.rmtree(home, ignore_errors=True)
        folder = home / rebuild_id
        make_folder(folder)
        return folder

    def put_mask(self, folder: Path, key: SessionKey, frame_idx: int, png: bytes) -> None:
        """Write a mask; it need not outlive a crash, since no report is there before the end."""
        path = folder / _mask_name(key, frame_idx)
        make_folder(path.parent)
        write_bytes(path, png, durable=False)

    def publish(self, folder: Path, report: dict[str, Any]) -> None:
        """Complete a rebuild with its report."""
        write_json(folder / REPORT, report, indent=None)

    def discard(self, folder: Path) -> None:
        """Remove an unfinished rebuild."""
        shutil.rmtree(folder, ignore_errors=True)

    def all(self, video_id: str) -> list[dict[str, Any]]:
        """Read the reports of a video's complete rebuilds: one, or none."""
        home = self._workspace.rebuilds_dir(video_id)
        names = [path.name for path in home.glob("*") if REBUILD_ID.fullmatch(path.name)]
        return [report for name in sorted(names) if (report := self._read(home / name))]

    def report(self, video_id: str, rebuild_id: str) -> dict[str, Any]:
        """Read the report of a complete rebuild. Raises `NotFound`."""
        found = self._read(self._folder(video_id, rebuild_id))
        if found is None:
            raise _not_found(rebuild_id)
        return found

    def mask_png(self, key: SessionKey, rebuild_id: str, frame_idx: int) -> bytes:
        """Read a rebuilt mask. Raises `NotFound`, or `MaskNotFound`."""
        if not REGION_SLUG.fullmatch(key.region):
            raise MaskNotFound(frame_idx)
        path = self._folder(key.video_id, rebuild_id) / _mask_name(key, frame_idx)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise MaskNotFound(frame_idx) from None

    def _folder(self, video_id: str, rebuild_id: str) -> Path:
        if not REBUILD_ID.fullmatch(rebuild_id):
            raise _not_found(rebuild_id)
        return self._workspace.rebuilds_dir(video_id) / rebuild_id

    def _read(self, folder: Path) -> dict[str, Any] | None:
        return parse_document(folder / REPORT, dict)


def _mask_name(key: SessionKey, frame_idx: int) -> str:
    return f"instance{key.instance_id}/masks_{key.region}/{file_number(frame_idx)}.png"


def _not_found(rebuild_id: str) -> NotFound:
    return NotFound(
        f"There is no rebuild {rebuild_id[:80]!r}.",
        hint="A new rebuild of the video takes the place of the one before.",
    )
