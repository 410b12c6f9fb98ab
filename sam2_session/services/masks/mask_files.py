"""Writes the mask files and rows that follow from the states of frames, in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from sam2_session.core.errors import StorageFailed
from sam2_session.core.masks import MaskFacts
from sam2_session.core.png import encode_gray8
from sam2_session.core.types import MaskSource, SessionKey
from sam2_session.services.projects.project import Project
from sam2_session.storage import atomic
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import BaseRow, FrameRow, read_base, read_frame
from sam2_session.storage.import_rows import drop_settled_frame
from sam2_session.storage.mask_rows import MaskRow, drop_mask, mask_of_wire, save_mask

BATCH = 64  # masks; a click waits for one batch at most


def settle(
    project: Project,
    key: SessionKey,
    rows: Sequence[FrameRow],
    settled: Callable[[Sequence[FrameRow]], None] = lambda _: None,
) -> None:
    """Give frames without prompts the masks of their states, or none; frames changed since stay.

    `settled` is called with each batch of rows that is in place.
    Files are durable before their rows are. What a full disk or a crash prevents follows later: a
    state waits until its mask is in place, and is forgotten then.
    """
    try:
        for first in range(0, len(rows), BATCH):
            batch = rows[first : first + BATCH]
            with project.lock:
                _settle_batch(project, key, batch)
            settled(batch)
    except StorageFailed as error:
        project.fell_behind(error)


def _settle_batch(project: Project, key: SessionKey, rows: Sequence[FrameRow]) -> None:
    newest = project.db.read(lambda tx: [_as_it_is(tx, key, row) for row in rows])
    current = [
        (row, mask_of_state(row, base, project.size_hw))
        for row, (is_current, base) in zip(rows, newest, strict=True)
        if is_current
    ]
    puts = [mask for _, mask in current if mask is not None]
    drops = [row.frame_idx for row, mask in current if mask is None]
    _write_files(project, key, puts)

    def save(tx: Transaction) -> None:
        for mask, _ in puts:
            save_mask(tx, key, mask)
        for frame_idx in drops:
            drop_mask(tx, key, frame_idx)
        for row, _ in current:
            if not row.state.absent:
                drop_settled_frame(tx, key, row)

    project.db.write(save)
    paths = [project.workspace.mask_path(key, frame_idx) for frame_idx in drops]
    there = [path for path in paths if path.exists()]
    for path in there:
        atomic.remove(path)
    if there:
        atomic.fsync_folder(there[0].parent)


def put_masks(
    project: Project, key: SessionKey, masks: Sequence[tuple[MaskRow, bytes]], *, rev: int
) -> None:
    """Write masks with their facts, at this revision; hold the project's lock."""
    puts = [(replace(mask, rev=rev), png) for mask, png in masks]

    def save(tx: Transaction) -> None:
        for mask, _ in puts:
            save_mask(tx, key, mask)

    try:
        _write_files(project, key, puts)
        project.db.write(save)
    except StorageFailed as error:
        project.fell_behind(error)


def _write_files(project: Project, key: SessionKey, puts: Sequence[tuple[MaskRow, bytes]]) -> None:
    if not puts:
        return
    paths = [project.workspace.mask_path(key, mask.frame_idx) for mask, _ in puts]
    atomic.make_folder(paths[0].parent)
    for path, (_, png) in zip(paths, puts, strict=True):
        atomic.write_bytes(path, png, durable=False)
    atomic.fsync_files(paths)
    atomic.fsync_folder(paths[0].parent)


def _as_it_is(tx: Transaction, key: SessionKey, row: FrameRow) -> tuple[bool, BaseRow | None]:
    now = read_frame(tx, key, row.frame_idx)
    if now is None or now.rev != row.rev or now.state.is_prompted:
        return False, None
    base = now.state.base
    return True, None if base is None else read_base(tx, base.base_id)


def mask_of_state(
    row: FrameRow, base: BaseRow | None, size_hw: tuple[int, int]
) -> tuple[MaskRow, bytes] | None:
    """Return the row and PNG of a frame without prompts, by its state; None: it has no mask."""
    if row.state.absent:
        facts = MaskFacts(0, None)
        approved = row.state.approved_as is not None
        mask = MaskRow(
            row.frame_idx, row.rev, MaskSource.HUMAN, facts, approved=approved, absent=True
        )
        return mask, encode_gray8(np.zeros(size_hw, np.bool_))
    if base is None:
        return None
    mask = mask_of_wire({"flags": [], **base.facts})
    return replace(mask, frame_idx=row.frame_idx, rev=row.rev), base.png


def lags_behind(mask: MaskRow | None, row: FrameRow) -> bool:
    """Tell if the mask of a frame without prompts is not what its state says: it is to follow."""
    if mask is None:
        return row.state.base is not None or row.state.absent
    if row.state.absent:
        return not mask.absent or mask.rev < row.rev
    return mask.source == MaskSource.HUMAN or mask.rev < row.rev
