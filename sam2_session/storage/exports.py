"""Exports on disk: made in a hidden folder, and renamed once they are whole and durable."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sam2_session.core.errors import ExportNotFound
from sam2_session.storage.atomic import (
    fsync_file,
    fsync_folder,
    make_folder,
    move,
    storage_failed,
    write_json,
)
from sam2_session.storage.workspace import Workspace

EXPORT_ID = re.compile(r"[a-z0-9_]{1,40}-[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
RECORD = "export.json"
ASKED = "asked.json"  # what was asked for, while it is being made
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """One whole export: its record, the file to give away, and the manifest."""

    record: dict[str, Any]
    path: Path
    manifest_path: Path


class ExportStore:
    """The exports of every video."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def stage(self, video_id: str, export_id: str, asked: dict[str, Any]) -> Path:
        """A folder to make an export in; it tells after a crash what was asked for."""
        folder = self._staging(video_id) / export_id
        make_folder(folder)
        write_json(folder / ASKED, asked)
        return folder

    def publish(self, video_id: str, folder: Path, record: dict[str, Any]) -> None:
        """Offer what was made in a staged folder, all of it at once."""
        (folder / ASKED).unlink(missing_ok=True)
        write_json(folder / RECORD, record)
        for path in folder.iterdir():
            fsync_file(path)
        fsync_folder(folder)
        move(folder, self._workspace.exports_dir(video_id) / folder.name)

    def all(self, video_id: str) -> list[ExportFiles]:
        """Every whole export, oldest first."""
        folder = self._workspace.exports_dir(video_id)
        paths = [one for one in folder.glob("*") if EXPORT_ID.fullmatch(one.name)]
        found = [files for path in paths if (files := _read(path)) is not None]
        return sorted(found, key=lambda one: (one.record["created_at"], one.record["export_id"]))

    def find(self, video_id: str, export_id: str) -> ExportFiles:
        """One whole export. Raises `ExportNotFound`."""
        files = _read(self._place(video_id, export_id))
        if files is None:
            raise ExportNotFound(str(export_id)[:80])
        return files

    def delete(self, video_id: str, export_id: str) -> None:
        """Remove an export; it is hidden first, so that no half of it can be found."""
        self.find(video_id, export_id)
        hidden = self._staging(video_id) / f"deleted-{export_id}"
        make_folder(hidden.parent)
        move(self._place(video_id, export_id), hidden)
        self.discard(hidden)

    def discard(self, folder: Path) -> None:
        """Remove what was staged."""
        shutil.rmtree(folder, ignore_errors=True)

    def sweep(self, video_id: str) -> list[dict[str, Any]]:
        """Clear what a stop of the process left unfinished; answers what was asked for."""
        staging = self._staging(video_id)
        found = [_json(path) for path in sorted(staging.glob(f"*/{ASKED}"))]
        if staging.exists():
            self.discard(staging)
        return [asked for asked in found if asked is not None]

    def _staging(self, video_id: str) -> Path:
        return self._workspace.exports_dir(video_id) / ".staging"

    def _place(self, video_id: str, export_id: str) -> Path:
        if not isinstance(export_id, str) or not EXPORT_ID.fullmatch(export_id):
            raise ExportNotFound(str(export_id)[:80])
        return self._workspace.exports_dir(video_id) / export_id


def _read(folder: Path) -> ExportFiles | None:
    record = _json(folder / RECORD)
    if record is None or not isinstance(record.get("file"), str):
        return None
    path = folder / Path(record["file"]).name
    whole = path.is_file() and record.get("export_id") == folder.name
    return ExportFiles(record, path, folder / MANIFEST) if whole else None


def _json(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:  # not ours, or broken from outside
        return None
    except OSError as error:
        raise storage_failed(path, error) from error
    return value if isinstance(value, dict) else None
