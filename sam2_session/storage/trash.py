"""Folders of deleted things under outputs/.trash/, each with a record of what it holds."""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from sam2_session.core.clients import Client
from sam2_session.core.errors import NotFound, StorageFailed
from sam2_session.core.numbers import MAX_TIME_S, number_of
from sam2_session.storage import atomic
from sam2_session.storage.documents import parse_document
from sam2_session.storage.workspace import Workspace, is_video_id

log = logging.getLogger(__name__)

RECORD = "trash.json"
NESTED = ".nested"  # inside a deleted video: what was deleted of it before
ROWS = "rows.json"  # of dropped masks: their rows
PURGED = ".purged-"
FRESH_S = 60.0  # a folder this young may still get the record of whoever fills it
NEEDED: dict[str, dict[str, type]] = {  # by kind: what its keeper must know
    "instance": {"instance_id": int},
    "region": {"region": str},
    "masks": {"instance_id": int, "region": str, "masks": int},
    "export": {"export_id": str},
    "batch": {"batch_id": str},
}
DELETED_INSTANCE = re.compile(r"\.deleted_instance([1-9][0-9]{0,9})")


class TrashKind(StrEnum):
    """Kinds of deleted things."""

    VIDEO = "video"
    INSTANCE = "instance"
    REGION = "region"
    MASKS = "masks"
    EXPORT = "export"
    BATCH = "batch"
    FILES = "files"  # they belonged to nothing and cannot be brought back


@dataclass(frozen=True, slots=True)
class TrashItem:
    """One deleted thing; `kept_from` is when the trash began to count its days."""

    trash_id: str
    kind: TrashKind
    name: str
    video_id: str | None
    deleted_at: float  # seconds since 1970
    kept_from: float
    client: Client | None = None  # the person who deleted it, if known
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Convert to the record on disk."""
        return {
            "kind": self.kind.value,
            "name": self.name,
            "video_id": self.video_id,
            "deleted_at": self.deleted_at,
            "kept_from": self.kept_from,
            "client": self.client.to_wire() if self.client else None,
            "details": self.details,
        }

    def to_wire(self) -> dict[str, Any]:
        """Convert to the wire's form, without its size."""
        return {
            "trash_id": self.trash_id,
            "kind": self.kind.value,
            "name": self.name,
            "video_id": self.video_id,
            "deleted_at": self.deleted_at,
            "client": (self.client.name or None) if self.client else None,
            "client_id": self.client.client_id if self.client else None,
            "restorable": self.kind is not TrashKind.FILES,
            **self.details,
        }

    @classmethod
    def from_json(cls, trash_id: str, data: dict[str, Any]) -> TrashItem:
        """Read what `to_json` wrote. Raises ValueError, KeyError and others if that is damaged."""
        client, video_id = data.get("client"), data["video_id"]
        deleted_at, kept_from = (_time_of(data[name]) for name in ("deleted_at", "kept_from"))
        if video_id is not None and not is_video_id(video_id):
            raise ValueError("A deleted thing belongs to a video, or to none.")
        kind, details = TrashKind(data["kind"]), dict(data["details"])
        _require_details(kind, details)
        by = Client(**{name: str(value) for name, value in client.items()}) if client else None
        return cls(trash_id, kind, str(data["name"]), video_id, deleted_at, kept_from, by, details)


class TrashStore:
    """Makes, lists and removes the folders of deleted things."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def new_folder(self, owner: str) -> Path:
        """Make an empty folder for a deleted thing of `owner`, a video or a kind."""
        folder = self._workspace.trash_dir / f"{owner}-{secrets.token_hex(4)}"
        atomic.make_folder(folder)
        return folder

    def folder(self, trash_id: str) -> Path:
        """Return the folder of an item. Raises `NotFound`."""
        folder = self._workspace.trash_dir / trash_id
        if not is_video_id(trash_id) or not folder.is_dir():
            raise NotFound("This is not in the trash any more.", hint="List the trash again.")
        return folder

    def write(self, item: TrashItem) -> None:
        """Write an item's record; on a full disk the item is listed by its content."""
        try:
            atomic.write_json(self.folder(item.trash_id) / RECORD, item.to_json())
        except StorageFailed as error:
            log.warning("%s: its record in the trash was not written: %s", item.name, error)

    def find(self, trash_id: str) -> TrashItem:
        """Return one item. Raises `NotFound`."""
        return self._read(self.folder(trash_id))

    def items(self) -> list[TrashItem]:
        """List every deleted thing, newest first; what older versions deleted gets a record."""
        items = []
        for folder in self._folders():
            with suppress(FileNotFoundError):  # brought back, or removed, at this moment
                items.append(self._read(folder))
        return sorted(items, key=lambda item: (-item.deleted_at, item.trash_id))

    def size(self, item: TrashItem) -> int:
        """Return the bytes of an item's folder."""
        return size_of(self._workspace.trash_dir / item.trash_id)

    def nest(self, video_id: str, folder: Path) -> None:
        """Move what was deleted of a video before into the folder of the deleted video."""
        for item in self.items():
            if item.video_id == video_id and item.trash_id != folder.name:
                atomic.make_folder(folder / NESTED)
                atomic.move(self.folder(item.trash_id), folder / NESTED / item.trash_id)

    def unnest(self, folder: Path) -> None:
        """Undo `nest`."""
        with suppress(FileNotFoundError):
            for nested in list((folder / NESTED).iterdir()):
                atomic.move(nested, self._workspace.trash_dir / nested.name)
            (folder / NESTED).rmdir()

    def remove(self, trash_id: str) -> None:
        """Remove an item for good; it is hidden first, so that no half of it is listed."""
        hidden = self._workspace.trash_dir / f"{PURGED}{trash_id}"
        atomic.move(self.folder(trash_id), hidden)
        shutil.rmtree(hidden, ignore_errors=True)

    def adopt_instances(self) -> None:
        """List the instances that an older version deleted: their folders wait hidden."""
        listed = {
            (item.video_id, item.details.get("instance_id"))
            for item in self.items()
            if item.kind is TrashKind.INSTANCE
        }
        for folder in self._workspace.outputs_dir.glob("*/.deleted_instance*"):
            found, video_id = DELETED_INSTANCE.fullmatch(folder.name), folder.parent.name
            if found is None or (video_id, int(found[1])) in listed or not is_video_id(video_id):
                continue
            when, details = folder.stat().st_mtime, {"instance_id": int(found[1])}
            trash_id = self.new_folder(video_id).name
            kind, name = TrashKind.INSTANCE, f"instance {found[1]}"
            self.write(TrashItem(trash_id, kind, name, video_id, when, time.time(), None, details))

    def sweep(self) -> None:
        """Remove what a stop of the process left half removed."""
        for path in self._workspace.trash_dir.glob(f"{PURGED}*"):
            shutil.rmtree(path, ignore_errors=True)

    def _folders(self) -> Iterator[Path]:
        with suppress(FileNotFoundError):
            for folder in self._workspace.trash_dir.iterdir():
                if is_video_id(folder.name) and folder.is_dir():
                    yield folder

    def _read(self, folder: Path) -> TrashItem:
        path = folder / RECORD
        item = parse_document(path, lambda data: TrashItem.from_json(folder.name, data))
        if item is None:
            item = describe(folder)
            if not path.exists() and time.time() - item.deleted_at > FRESH_S:
                self.write(item)
        return item


def describe(folder: Path) -> TrashItem:
    """Describe a folder of the trash by its content, for one without a record."""
    owner = folder.name.rpartition("-")[0]
    kind, name, details = TrashKind.FILES, f"files of {owner}", dict[str, Any]()
    if (folder / owner / "video.json").is_file():
        kind, name = TrashKind.VIDEO, _source_name(folder, owner)
    elif (found := parse_document(folder / ROWS, _dropped_masks)) is not None:
        details = found
        kind, name = TrashKind.MASKS, masks_name(details)
    elif (batch := parse_document(folder / owner / "batch.json", dict)) is not None:
        details = {"batch_id": owner}
        kind, name = TrashKind.BATCH, str(batch.get("name", owner))
    elif record := next(iter(folder.glob("*/export.json")), None):
        export = parse_document(record, dict) or {}
        details = {"export_id": record.parent.name}
        kind, name = TrashKind.EXPORT, str(export.get("label", record.parent.name))
    when = folder.stat().st_mtime
    return TrashItem(folder.name, kind, name, owner, when, time.time(), None, details)


def masks_name(details: dict[str, Any]) -> str:
    """Name dropped masks: ``11 masks of 1 shaft``."""
    masks = details["masks"]
    noun = "mask" if masks == 1 else "masks"
    return f"{masks} {noun} of {details['instance_id']} {details['region']}"


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder; 0 if it is gone."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(root, name)).st_size  # noqa: PTH118 - many files
    return total


def _source_name(folder: Path, video_id: str) -> str:
    path = folder / video_id / "video.json"
    return parse_document(path, lambda data: str(data["source"]["name"])) or video_id


def _dropped_masks(rows: dict[str, Any]) -> dict[str, Any]:
    key = rows["key"]
    details = {**key, "masks": len(rows["masks"])}
    _require_details(TrashKind.MASKS, details)
    return {name: details[name] for name in NEEDED["masks"]}


def _require_details(kind: TrashKind, details: dict[str, Any]) -> None:
    for name, wanted in NEEDED.get(kind.value, {}).items():
        if type(details[name]) is not wanted:
            raise ValueError(f"{name} is of another type.")


def _time_of(value: object) -> float:
    if (when := number_of(value, MAX_TIME_S)) is None:
        raise ValueError("A time is a number of seconds.")
    return when
