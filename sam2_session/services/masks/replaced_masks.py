"""Keeps the masks that runs replace, within a bound for each video; the oldest go first.

Files are linked, not copied. A kept file is durable before its mask is replaced, and has a row once
the run's commit is durable; one without a row belongs to a write that was cut short, and goes back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path

from sam2_session.core.errors import InvalidPrompt, MaskNotFound
from sam2_session.core.frame_files import frame_idx_of
from sam2_session.core.masks import mask_facts
from sam2_session.core.types import JobState, SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.services.masks.frame_mask import PairFrame
from sam2_session.services.projects.project import Project
from sam2_session.storage import atomic
from sam2_session.storage.frame_rows import BaseRow, touched_pairs
from sam2_session.storage.job_rows import list_jobs
from sam2_session.storage.mask_rows import MaskRow, read_mask
from sam2_session.storage.replaced_rows import (
    ROW_BYTES,
    ReplacedRow,
    drop_rows,
    oldest_rows,
    read_replaced,
    stored_bytes,
)
from sam2_session.storage.workspace import KeptMask

BLOCK_BYTES = 4096  # of the file system: a small mask takes one

log = logging.getLogger(__name__)


class ReplacedMasks:
    """Keeps, reads and drops masks that runs replaced; hold the project's lock to keep."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def keep(
        self, project: Project, run: int, ious: Sequence[tuple[PairFrame, float | None]]
    ) -> list[ReplacedRow]:
        """Keep the masks that a run is about to replace; returns the rows for its commit.

        `ious` compares each with the new mask. Masks of the same run are not kept: a run that goes
        on after a stop may write a frame twice.
        """
        if not self._max_bytes:
            return []
        wanted = [at for at, _ in ious]
        stored = project.db.read(lambda tx: [read_mask(tx, *at) for at in wanted])
        rows, folders = [], set()
        for (at, iou), mask in zip(ious, stored, strict=True):
            if mask is not None and mask.run == run:
                continue
            path = project.workspace.mask_path(*at)
            if mask is None or not path.exists():
                rows.append(ReplacedRow(run, at.key, at.frame_idx, None, 0, None))
                continue
            kept = project.workspace.replaced_path(at.key, run, at.frame_idx)
            if kept.parent not in folders:
                atomic.make_folder(kept.parent)
                folders.add(kept.parent)
            atomic.keep_link(path, kept)
            rows.append(
                ReplacedRow(run, at.key, at.frame_idx, mask.to_wire(), size_on_disk(kept), iou)
            )
        for folder in folders:
            atomic.fsync_folder(folder)
        return rows

    def read(self, project: Project, row: ReplacedRow) -> BaseRow:
        """Read the mask that was before a run's. Raises `MaskNotFound` if there is none now."""
        if row.facts is None:
            raise MaskNotFound(row.frame_idx)
        try:
            path = project.workspace.replaced_path(row.key, row.run, row.frame_idx)
            png = path.read_bytes()
            decode_mask(png, project.size_hw)
        except (OSError, InvalidPrompt):
            raise MaskNotFound(row.frame_idx) from None
        return BaseRow(png, row.facts, None, None)

    def keep_after(
        self, project: Project, key: SessionKey, run: int, frames: Iterable[int]
    ) -> None:
        """Keep the masks that a run wrote, which now lie in place, before it is taken back."""
        folder = project.workspace.replaced_path(key, run, 0).parent
        atomic.make_folder(folder)
        for frame_idx in frames:
            path = project.workspace.mask_path(key, frame_idx)
            if path.exists():
                kept = project.workspace.replaced_path(key, run, frame_idx, "after")
                atomic.keep_link(path, kept)
        atomic.fsync_folder(folder)

    def place(
        self, project: Project, key: SessionKey, run: int, frames: Iterable[int], kept: KeptMask
    ) -> None:
        """Put kept masks in place; where none is kept, delete what is there. May be repeated."""
        folder = project.workspace.masks_dir(key)
        for frame_idx in frames:
            path = project.workspace.mask_path(key, frame_idx)
            source = project.workspace.replaced_path(key, run, frame_idx, kept)
            if not source.exists():
                atomic.remove(path)
                continue
            temp = atomic.temp_path(path)
            atomic.keep_link(source, temp)
            atomic.put_in_place(temp, path)
        if folder.is_dir():
            atomic.fsync_folder(folder)

    def drop_after(self, project: Project, key: SessionKey, run: int) -> None:
        """Delete the masks kept by `keep_after`: the run cannot be brought back any more."""
        folder = project.workspace.replaced_path(key, run, 0).parent
        for path in folder.glob("*.after.png"):
            atomic.remove(path)

    def drop_oldest(self, project: Project) -> int:
        """Drop masks of the oldest runs until the rest is within the bound; returns how many."""
        dropped = 0
        while (excess := project.db.read(stored_bytes) - self._max_bytes) > 0:
            oldest = project.db.read(partial(oldest_rows, video_id=project.video_id))
            if not oldest:
                break
            rows = _just_enough(oldest, excess)
            for row in rows:  # files first: a row without its file is known to be gone
                path = project.workspace.replaced_path(row.key, row.run, row.frame_idx)
                atomic.remove(path)
            project.db.write(partial(drop_rows, rows=rows))
            dropped += len(rows)
        if dropped:
            log.info("%s: %d replaced masks were dropped for room", project.video_id, dropped)
        return dropped

    def mend(self, project: Project) -> None:
        """Put masks back whose replacement was cut short; hold the project's lock."""
        jobs = project.db.read(list_jobs)
        self.mend_runs(project, {job.run for job in jobs if job.state is not JobState.DONE})

    def mend_runs(self, project: Project, runs: Iterable[int]) -> None:
        """Put back what these runs began to replace; hold the project's lock."""
        keys = [
            SessionKey(project.video_id, n, region) for n, region in project.db.read(touched_pairs)
        ]
        for run in runs:
            if not project.workspace.replaced_dir(project.video_id, run).exists():
                continue
            for key in keys:
                self._mend_pair(project, run, key)

    def _mend_pair(self, project: Project, run: int, key: SessionKey) -> None:
        folder = project.workspace.replaced_path(key, run, 0).parent
        found = ((frame_idx_of(path), path) for path in folder.glob("*.png"))
        files = {idx: path for idx, path in found if idx is not None}
        if not files:
            return
        reach = (min(files), max(files))
        known = project.db.read(lambda tx: read_replaced(tx, run, key, *reach))
        for frame_idx in sorted(files.keys() - known.keys()):
            path = files[frame_idx]
            mask = project.db.read(partial(read_mask, key=key, frame_idx=frame_idx))
            if mask is not None and mask.run != run and _is_file_of(mask, path, project):
                log.warning("%s: frame %d is again as before run %d", key, frame_idx, run)
                atomic.move(path, project.workspace.mask_path(key, frame_idx))
            atomic.remove(path)  # also a second name of the same file, which stays


def size_on_disk(path: Path) -> int:
    """Return the bytes that a small file takes on disk."""
    return -(-path.stat().st_size // BLOCK_BYTES) * BLOCK_BYTES


def _just_enough(rows: Sequence[ReplacedRow], size: int) -> list[ReplacedRow]:
    """Take the first rows that are together of this size in bytes, or all."""
    totals = accumulate(row.bytes + ROW_BYTES for row in rows)
    enough = (at for at, total in enumerate(totals, start=1) if total >= size)
    return list(rows[: next(enough, len(rows))])


def _is_file_of(mask: MaskRow, path: Path, project: Project) -> bool:
    """Return whether a kept file is the mask that the database still names for its frame."""
    try:
        return mask_facts(decode_mask(path.read_bytes(), project.size_hw)) == mask.facts
    except (OSError, InvalidPrompt):
        return False
