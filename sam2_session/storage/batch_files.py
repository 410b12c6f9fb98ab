"""Stores batches: one JSON file each, in a folder that also takes what is exported of the batch.

A batch holds its order and what people decided; how far its videos are is read from the videos.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sam2_session.core.errors import ExportNotFound, NotFound
from sam2_session.storage.atomic import (
    fsync_file,
    fsync_folder,
    make_folder,
    move,
    put_in_place,
    storage_failed,
    temp_path,
    write_bytes,
    write_json,
)
from sam2_session.storage.catalog import safe_stem, to_trash
from sam2_session.storage.documents import parse_document
from sam2_session.storage.lock import shared_file
from sam2_session.storage.workspace import EXPORT_PREFIX, Workspace, is_video_id

MANIFEST = "manifest.json"
Stamp = tuple[int, int, int]


class BatchFiles:
    """Reads and writes `batch.json` files, whole or not at all."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def ids(self) -> list[str]:
        """List the batches, also those whose files are not ours."""
        names = [path.parent.name for path in self._workspace.batches_dir.glob("*/batch.json")]
        return sorted(filter(is_video_id, names))

    def read(self, batch_id: str) -> dict[str, Any] | None:
        """Read one batch; None if it is gone, or not ours."""
        return parse_document(self._path(batch_id), dict)

    def stamp(self, batch_id: str) -> Stamp | None:
        """Tell this content of a batch's file from any other; None if the file cannot be seen."""
        try:
            stat = self._path(batch_id).stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def exists(self, batch_id: str) -> bool:
        """Return whether a batch has a folder."""
        return self._workspace.batch_dir(batch_id).is_dir()

    def changing(self) -> AbstractContextManager[None]:
        """Keep other servers on this folder from changing batches."""
        return shared_file(self._workspace.batches_dir)

    def write(self, batch_id: str, data: dict[str, Any]) -> None:
        """Write a batch durably."""
        path = self._path(batch_id)
        make_folder(path.parent)
        write_json(path, data, indent=None)

    def _path(self, batch_id: str) -> Path:
        return self._workspace.batch_dir(batch_id) / "batch.json"

    def new_id(self, name: str) -> str:
        """Make an id from a name that no batch has."""
        wanted = found = safe_stem(name)
        number = 2
        while self._workspace.batch_dir(found).exists():
            found, number = f"{wanted}-{number}", number + 1
        return found

    def remove(self, batch_id: str) -> None:
        """Delete a batch for good."""
        shutil.rmtree(self._workspace.batch_dir(batch_id), ignore_errors=True)

    def to_trash(self, batch_id: str) -> Path:
        """Move a batch and its exports to the trash; return the folder there."""
        return to_trash(self._workspace, batch_id, [self._workspace.batch_dir(batch_id)])

    def from_trash(self, folder: Path, batch_id: str, name: str) -> tuple[str, dict[str, Any]]:
        """Move a batch back from its folder in the trash; return its id and what is stored of it.

        It gets another id, made from its name, if its own is taken by now. Raises `NotFound`.
        """
        data = parse_document(folder / batch_id / "batch.json", dict)
        if data is None:
            raise NotFound("This batch is not in the trash any more.", hint="List the trash again.")
        home = self._workspace.batch_dir(batch_id)
        if home.exists():
            home = self._workspace.batch_dir(self.new_id(name))
        make_folder(home.parent)
        move(folder / batch_id, home)
        return home.name, data

    def unpack(self, batch_id: str, format_name: str, archive: Path, name: str) -> None:
        """Unpack an export of numbered pictures beside those of other items, durably."""
        home = self._workspace.batch_export_dir(batch_id, format_name)
        make_folder(home)
        written: list[Path] = []
        with zipfile.ZipFile(archive) as members:
            for member in members.namelist():
                if member == MANIFEST or member.endswith("/"):
                    continue
                # a file that is no numbered picture belongs to one item alone
                is_picture = member.endswith(".png")
                path = home / member if is_picture else home / name / member
                path.parent.mkdir(parents=True, exist_ok=True)
                write_bytes(path, members.read(member), durable=False)
                written.append(path)
        for path in written:
            fsync_file(path)
        for folder in {path.parent for path in written}:
            fsync_folder(folder)

    def take_in(self, batch_id: str, format_name: str, path: Path, name: str) -> None:
        """Move a file of an item's export into the batch's folder, under the item's name."""
        target = self._workspace.batch_export_dir(batch_id, format_name) / f"{name}{path.suffix}"
        make_folder(target.parent)
        temp = temp_path(target)
        try:
            shutil.copyfile(path, temp)
        except OSError as error:
            temp.unlink(missing_ok=True)
            raise storage_failed(target, error) from error
        fsync_file(temp)
        put_in_place(temp, target)
        fsync_folder(target.parent)

    def join(
        self, batch_id: str, format_name: str, write: Callable[[Sequence[Path], Path], None]
    ) -> None:
        """Write one file of the files of all items, in their order, durably."""
        home = self._workspace.batch_export_dir(batch_id, format_name)
        files = sorted(home.glob("[0-9]*-*.mp4"), key=lambda path: int(path.name.split("-")[0]))
        target = home / f"all-{batch_id}.mp4"
        temp = temp_path(target)
        try:
            write(files, temp)
            fsync_file(temp)
            put_in_place(temp, target)
        finally:
            temp.unlink(missing_ok=True)
        fsync_folder(home)

    def exports(self, batch_id: str) -> list[dict[str, Any]]:
        """List the folders of exports: format, path below outputs/, and number of files."""
        home = self._workspace.batch_dir(batch_id)
        return [
            {
                "format": folder.name.removeprefix(EXPORT_PREFIX),
                "folder": folder.relative_to(self._workspace.outputs_dir).as_posix(),
                "files": len(_files_in(folder)),
                "changed_at": folder.stat().st_mtime,
            }
            for folder in sorted(home.glob(f"{EXPORT_PREFIX}*"))
        ]

    def export_files(self, batch_id: str, format_name: str) -> list[tuple[str, Path]]:
        """List the files of one folder of exports, by name. Raises `ExportNotFound`."""
        folders = [row["folder"] for row in self.exports(batch_id) if row["format"] == format_name]
        if not folders:
            raise ExportNotFound(format_name)
        home = self._workspace.outputs_dir / folders[0]
        return [(path.relative_to(home).as_posix(), path) for path in _files_in(home)]


def _files_in(folder: Path) -> list[Path]:
    """List all files, in the order of their names, but for those that are being written."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in found if not path.name.startswith("."))
