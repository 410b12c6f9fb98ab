"""Stores exports: written in a hidden folder, renamed once complete and durable."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sam2_session.core.errors import ExportNotFound
from sam2_session.core.numbers import count_of
from sam2_session.storage.atomic import (
    fsync_file,
    fsync_folder,
    make_folder,
    move,
    write_json,
)
from sam2_session.storage.documents import parse_document
from sam2_session.storage.workspace import Workspace

EXPORT_ID = re.compile(r"[a-z0-9_]{1,40}-[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
RECORD = "export.json"
TEXTS = ("export_id", "label", "file", "sha256", "created_at")  # in a record
MAX_TOTAL = 10**9  # steps of a job
REQUEST = "asked.json"  # the request, kept while the export is written
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """One complete export: its record, the file to download, and the manifest."""

    record: dict[str, Any]
    path: Path
    manifest_path: Path


class ExportStore:
    """Stores and finds the exports of all videos."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def stage(self, video_id: str, export_id: str, request: dict[str, Any]) -> Path:
        """Make a hidden folder to write an export in; it keeps the request, for after a crash."""
        folder = self._staging(video_id) / export_id
        make_folder(folder)
        write_json(folder / REQUEST, request)
        return folder

    def publish(self, video_id: str, folder: Path, record: dict[str, Any]) -> None:
        """Publish a staged folder as a complete export, in one rename."""
        (folder / REQUEST).unlink(missing_ok=True)
        write_json(folder / RECORD, record)
        for path in folder.iterdir():
            fsync_file(path)
        fsync_folder(folder)
        move(folder, self._workspace.exports_dir(video_id) / folder.name)

    def all(self, video_id: str) -> list[ExportFiles]:
        """List the complete exports, oldest first."""
        folder = self._workspace.exports_dir(video_id)
        paths = [path for path in folder.glob("*") if EXPORT_ID.fullmatch(path.name)]
        found = [files for path in paths if (files := _read(path)) is not None]
        return sorted(
            found, key=lambda files: (files.record["created_at"], files.record["export_id"])
        )

    def find(self, video_id: str, export_id: str) -> ExportFiles:
        """Find a complete export. Raises `ExportNotFound`."""
        files = _read(self._export_dir(video_id, export_id))
        if files is None:
            raise ExportNotFound(str(export_id)[:80])
        return files

    def move_out(self, video_id: str, export_id: str, folder: Path) -> None:
        """Move a complete export into another folder, in one rename. Raises `ExportNotFound`."""
        self.find(video_id, export_id)
        move(self._export_dir(video_id, export_id), folder / export_id)

    def move_back(self, video_id: str, export_id: str, folder: Path) -> None:
        """Undo `move_out`. Raises `ExportNotFound` if the export is not in that folder."""
        home = self._export_dir(video_id, export_id)
        if _read(folder / export_id) is None:
            raise ExportNotFound(export_id)
        make_folder(home.parent)
        move(folder / export_id, home)

    def discard(self, folder: Path) -> None:
        """Delete a staged folder."""
        shutil.rmtree(folder, ignore_errors=True)

    def sweep(self, video_id: str) -> list[dict[str, Any]]:
        """Delete exports that a stop of the process left unfinished; return their requests."""
        staging = self._staging(video_id)
        found = [parse_document(path, _request) for path in sorted(staging.glob(f"*/{REQUEST}"))]
        if staging.exists():
            self.discard(staging)
        return [request for request in found if request is not None]

    def _staging(self, video_id: str) -> Path:
        return self._workspace.exports_dir(video_id) / ".staging"

    def _export_dir(self, video_id: str, export_id: str) -> Path:
        if not isinstance(export_id, str) or not EXPORT_ID.fullmatch(export_id):
            raise ExportNotFound(str(export_id)[:80])
        return self._workspace.exports_dir(video_id) / export_id


def _read(folder: Path) -> ExportFiles | None:
    return parse_document(folder / RECORD, lambda record: _files(folder, record))


def _files(folder: Path, record: dict[str, Any]) -> ExportFiles | None:
    if not all(isinstance(record[name], str) for name in TEXTS):
        raise ValueError("It is no record of an export.")
    path = folder / Path(record["file"]).name
    whole = path.is_file() and record["export_id"] == folder.name
    return ExportFiles(record, path, folder / MANIFEST) if whole else None


def _request(document: dict[str, Any]) -> dict[str, Any]:
    total, details = count_of(document["total"], MAX_TOTAL), dict(document["details"])
    if total is None or not isinstance(document["job_id"], str):
        raise ValueError("It is no request for an export.")
    return {"job_id": document["job_id"], "total": total, "details": details}
