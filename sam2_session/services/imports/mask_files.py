"""Writes the mask files and rows that follow from the states of frames, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sam2_session.core.errors import StorageFailed
from sam2_session.core.types import SessionKey
from sam2_session.services.projects.project import Project
from sam2_session.storage import atomic
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import BaseRow, FrameRow, read_base, read_frame
from sam2_session.storage.import_rows import drop_settled_frame
from sam2_session.storage.mask_rows import MaskRow, drop_mask, mask_of_wire, save_mask

BATCH = 32  # masks; a click waits for one batch at most


def settle(project: Project, key: SessionKey, rows: Sequence[FrameRow]) -> None:
    """Give frames without prompts the masks of their states, or none; frames changed since stay.

    Files are durable before their rows are. What a full disk or a crash prevents follows later: a
    state waits until its mask is in place, and is forgotten then.
    """
    try:
        for first in range(0, len(rows), BATCH):
            with project.lock:
                _settle_batch(project, key, rows[first : first + BATCH])
    except StorageFailed as error:
        project.fell_behind(error)


def _settle_batch(project: Project, key: SessionKey, rows: Sequence[FrameRow]) -> None:
    newest = project.db.read(lambda tx: [_as_it_is(tx, key, row) for row in rows])
    current = [
        (row, base) for row, (is_current, base) in zip(rows, newest, strict=True) if is_current
    ]
    puts = [(_mask_of(row, base), base.png) for row, base in current if base is not None]
    drops = [row.frame_idx for row, base in current if base is None]
    _write_files(project, key, puts)

    def save(tx: Transaction) -> None:
        for mask, _ in puts:
            save_mask(tx, key, mask)
        for frame_idx in drops:
            drop_mask(tx, key, frame_idx)
        for row, _ in current:
            drop_settled_frame(tx, key, row)

    project.db.write(save)
    paths = [project.workspace.mask_path(key, frame_idx) for frame_idx in drops]
    there = [path for path in paths if path.exists()]
    for path in there:
        path.unlink(missing_ok=True)
    if there:
        atomic.fsync_folder(there[0].parent)


def _write_files(project: Project, key: SessionKey, puts: Sequence[tuple[MaskRow, bytes]]) -> None:
    if not puts:
        return
    paths = [project.workspace.mask_path(key, mask.frame_idx) for mask, _ in puts]
    atomic.make_folder(paths[0].parent)
    for path, (_, png) in zip(paths, puts, strict=True):
        atomic.write_bytes(path, png, durable=False)
    for path in paths:
        atomic.fsync_file(path)
    atomic.fsync_folder(paths[0].parent)


def _as_it_is(tx: Transaction, key: SessionKey, row: FrameRow) -> tuple[bool, BaseRow | None]:
    now = read_frame(tx, key, row.frame_idx)
    if now is None or now.rev != row.rev or now.state.is_prompted:
        return False, None
    base = now.state.base
    return True, None if base is None else read_base(tx, base.base_id)


def _mask_of(row: FrameRow, base: BaseRow) -> MaskRow:
    mask = mask_of_wire({"flags": [], **base.facts})
    return replace(mask, frame_idx=row.frame_idx, rev=row.rev)
