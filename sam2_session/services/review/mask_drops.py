"""Moves the masks that runs and imports made for a pair to the trash, and brings them back."""

from __future__ import annotations

import logging
import re
import secrets
from contextlib import suppress
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

from sam2_session.core.clients import Client
from sam2_session.core.errors import Conflict, InvalidRequest, NothingToDo, StorageFailed
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import SessionKey
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.commands import Command, apply_once, raise_if_repeated
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.projects.run_guard import require_no_run
from sam2_session.services.trash.trash import Trash
from sam2_session.storage import atomic
from sam2_session.storage.client_rows import read_client
from sam2_session.storage.database import Transaction
from sam2_session.storage.documents import parse_document
from sam2_session.storage.frame_rows import (
    conditioned_frames,
    prompted_digests,
    save_frame,
    set_conditioned,
    unprompted_frames,
)
from sam2_session.storage.layered_log import log_files
from sam2_session.storage.mask_rows import (
    MaskRow,
    RunRow,
    begin_run,
    drop_mask,
    forget_runs,
    list_masks,
    list_runs,
    mask_of_wire,
    save_mask,
)
from sam2_session.storage.trash import ROWS, TrashItem, TrashKind, masks_name

log = logging.getLogger(__name__)

DROP_ID = re.compile(r"[0-9a-f]{16}")


class MaskDrops:
    """Drops and restores the unprompted masks of a pair; the trash keeps files and rows."""

    def __init__(
        self, projects: Projects, predictions: PredictionService, bus: EventBus, trash: Trash
    ) -> None:
        self._projects = projects
        self._predictions = predictions
        self._bus = bus
        self._trash = trash
        trash.register(TrashKind.MASKS, self)

    def drop(self, key: SessionKey, command: Command | None = None) -> dict[str, Any]:
        """Drop the masks that runs and imports made; returns ``{rev, drop_id, dropped}``.

        Masks of prompted frames stay, and so do approved ones. Raises `NothingToDo` if there
        are none to drop, `Conflict` while a run makes masks of the pair.
        """
        project = self._projects.of(key)
        self._projects.finish_masks(key.video_id)
        with project.lock:
            raise_if_repeated(project, command)
            project.instance(key.instance_id, for_change=True)
            require_no_run(project, [(key.instance_id, key.region)])
            rows = project.db.read(lambda tx: _droppable(tx, key))
            if not rows:
                raise NothingToDo("This pair has no propagated masks.")
            drop_id = secrets.token_hex(8)
            folder = self._folder(key, drop_id)
            atomic.make_folder(folder)
            atomic.write_json(folder / ROWS, _record(project, key, rows))

            def change(tx: Transaction, _: int) -> dict[str, Any]:
                for row in rows:
                    drop_mask(tx, key, row.frame_idx)
                _drop_bases(tx, key, {row.frame_idx for row in rows})
                forget_runs(tx, key)
                set_conditioned(tx, key, ())
                return {"drop_id": drop_id, "dropped": len(rows), "trash_id": folder.name}

            answer = apply_once(project, command, change)
            paths = [project.workspace.mask_path(key, row.frame_idx) for row in rows]
            _move_all(paths, folder)
            self._move_track_log(project.workspace.track_log_path(key), folder, key)
        self._announce(key, answer["rev"], command)
        details = {"instance_id": key.instance_id, "region": key.region, "masks": len(rows)}
        kind, client = TrashKind.MASKS, _client(project, command)
        name = masks_name(details)
        self._trash.put(folder, kind, name, video_id=key.video_id, client=client, **details)
        return answer

    def restore(
        self,
        key: SessionKey,
        drop_id: str,
        command: Command | None = None,
        client: Client | None = None,
    ) -> dict[str, Any]:
        """Bring dropped masks back where no newer mask is; returns ``{rev, restored}``.

        Those in whose place a newer mask is stay in the trash.
        """
        project = self._projects.of(key)
        self._projects.finish_masks(key.video_id)
        with project.lock:
            raise_if_repeated(project, command)
            project.instance(key.instance_id, for_change=True)
            require_no_run(project, [(key.instance_id, key.region)])
            folder = self._folder(key, drop_id)
            record = _read_record(folder, key)
            untouched = not project.db.read(lambda tx: list_runs(tx, key))
            rows = self._restore_files(project, key, folder, record)
            if untouched:
                self._move_track_log(
                    folder / project.workspace.track_log_path(key).name,
                    project.workspace.track_log_path(key).parent,
                    key,
                )

            def change(tx: Transaction, _: int) -> dict[str, Any]:
                for row in rows:
                    save_mask(tx, key, row)
                if untouched:
                    for run in record["runs"]:
                        begin_run(tx, key, RunRow(*run))
                    set_conditioned(tx, key, [tuple(row) for row in record["conditioned"]])
                return {"restored": len(rows)}

            answer = apply_once(project, command, change)
            self._came_back(folder, record, rows, client or _client(project, command))
        self._announce(key, answer["rev"], command)
        return answer

    def restore_trashed(self, item: TrashItem, client: Client | None) -> dict[str, Any]:
        """Bring dropped masks back, for the trash. Raises `Conflict` if none can come back."""
        details = item.details
        key = SessionKey(str(item.video_id), details["instance_id"], details["region"])
        drop_id = item.trash_id.rpartition("-")[2]
        answer = self.restore(key, drop_id, client=client)
        if not answer["restored"]:
            raise Conflict(
                "Newer masks are on all of these frames.", hint="Drop or clear those first."
            )
        return answer

    def purge_trashed(self, item: TrashItem) -> None:
        """Do nothing: dropped masks lie in the trash."""

    def trashed_folder(self, item: TrashItem) -> Path | None:
        """Return None: dropped masks lie in the trash."""
        return None

    def _came_back(
        self, folder: Path, record: dict[str, Any], rows: list[MaskRow], client: Client | None
    ) -> None:
        """Take restored masks off the trash; what could not come back stays listed."""
        item, back = self._trash.store.find(folder.name), {row.frame_idx for row in rows}
        left = [mask for mask in record["masks"] if mask["frame_idx"] not in back]
        if not left:
            self._trash.forget(item, client)
        elif rows:
            atomic.write_json(folder / ROWS, {**record, "masks": left})
            details = {**item.details, "masks": len(left)}
            self._trash.changed(item, name=masks_name(details), details=details)

    def _restore_files(
        self, project: Project, key: SessionKey, folder: Path, record: dict[str, Any]
    ) -> list[MaskRow]:
        """Move mask files back where a frame is free; returns the rows whose files are there."""
        taken = {row.frame_idx for row in project.db.read(lambda tx: list_masks(tx, key))}
        prompted = project.db.read(lambda tx: prompted_digests(tx, key))
        taken |= {frame_idx for frame_idx, _ in prompted}
        rows = [row for row in map(mask_of_wire, record["masks"]) if row.frame_idx not in taken]
        target = project.workspace.masks_dir(key)
        atomic.make_folder(target)
        paths = {row.frame_idx: project.workspace.mask_path(key, row.frame_idx) for row in rows}
        _move_all([folder / path.name for path in paths.values()], target)
        return [row for row in rows if paths[row.frame_idx].exists()]

    def _move_track_log(self, source: Path, target: Path, key: SessionKey) -> None:
        """Move the track log, and forget the live session, whose memory came from it."""
        self._predictions.forget_pair(key, lambda: _move_all(log_files(source), target))

    def _folder(self, key: SessionKey, drop_id: str) -> Path:
        if not DROP_ID.fullmatch(drop_id):
            raise InvalidRequest("drop_id must be an id that a drop returned.")
        trash = self._projects.workspace.trash_dir
        return trash / f"{key.video_id}-{drop_id}"

    def _announce(self, key: SessionKey, rev: int, command: Command | None) -> None:
        client_id = command.client_id if command else None
        data = {"key": key.to_wire(), "rev": rev, "client_id": client_id}
        self._bus.publish(Event(EventName.MASKS_CHANGED, data, video_id=key.video_id))


def _client(project: Project, command: Command | None) -> Client | None:
    if command is None:
        return None
    return project.db.read(lambda tx: read_client(tx, command.client_id))


def _droppable(tx: Transaction, key: SessionKey) -> list[MaskRow]:
    prompted = {frame_idx for frame_idx, _ in prompted_digests(tx, key)}
    rows = list_masks(tx, key)
    prompted |= {row.frame_idx for row in rows if row.absent}
    return [row for row in rows if row.frame_idx not in prompted and not row.approved]


def _drop_bases(tx: Transaction, key: SessionKey, dropped: set[int]) -> None:
    """Forget dropped masks below undone prompts, so that no restart brings them back."""
    for row in unprompted_frames(tx, key):
        if row.frame_idx in dropped and row.state.base is not None:
            save_frame(tx, key, replace(row, state=replace(row.state, base=None)))


def _record(project: Project, key: SessionKey, rows: list[MaskRow]) -> dict[str, Any]:
    runs, conditioned = project.db.read(
        lambda tx: (list_runs(tx, key), conditioned_frames(tx, key))
    )
    return {
        "key": key.to_wire(),
        "masks": [row.to_wire() for row in rows],
        "runs": [astuple(run) for run in runs],
        "conditioned": conditioned,
    }


def _checked_record(document: dict[str, Any]) -> dict[str, Any]:
    rows = [*map(mask_of_wire, document["masks"])]
    for run in document["runs"]:
        RunRow(*run)
    if not all(isinstance(row.frame_idx, int) for row in rows):
        raise ValueError("It is no list of dropped masks.")
    return {**document, "conditioned": [tuple(row) for row in document["conditioned"]]}


def _read_record(folder: Path, key: SessionKey) -> dict[str, Any]:
    path = folder / ROWS
    record = parse_document(path, _checked_record)
    if record is None and path.exists():
        raise StorageFailed(
            f"The list of dropped masks in {folder.name} cannot be read.",
            hint="The masks are beside it, as PNG files; they can be imported.",
        )
    if record is None:
        raise NothingToDo(
            "These masks are no longer in the trash.", hint="Propagate the pair again."
        )
    if record["key"] != key.to_wire():
        raise InvalidRequest("These masks belong to another pair.")
    return record


def _move_all(paths: list[Path], target: Path) -> None:
    """Move files to a folder, skipping missing ones, then make all moves durable at once."""
    for path in paths:
        with suppress(FileNotFoundError):
            atomic.put_in_place(path, target / path.name)
    for folder in {target, *(path.parent for path in paths)}:
        if folder.exists():
            atomic.fsync_folder(folder)
