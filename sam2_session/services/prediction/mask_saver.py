"""Saves masks in batches, a video at a time: files, rows in one commit, then events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sam2_session.core.events import EventBus
from sam2_session.loops import seen
from sam2_session.runtime import Condition, Future, ThreadPool
from sam2_session.services.masks.frame_mask import FrameMask, PairFrame
from sam2_session.services.masks.frame_masks import mask_deleted, mask_saved
from sam2_session.services.masks.mask_files import lags_behind
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.storage import atomic
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import frame_rev, read_frame
from sam2_session.storage.instance_rows import list_instances
from sam2_session.storage.mask_rows import drop_mask, read_mask, save_mask

log = logging.getLogger(__name__)

MAX_BATCH = 32  # masks that share a commit and a folder's fsync
SAVING_THREADS = 2  # videos that are saved at the same time


@dataclass(frozen=True, slots=True, eq=False)
class UnsavedMask:
    """A mask on its way to the disk.

    `encode` makes the PNG of its file. `also` writes what belongs to it in the same transaction,
    `saved` is called after the commit, `fail` instead. `mask` gets the mask, or None if the frame
    has changed meanwhile: then a newer request saves.
    """

    frame: PairFrame
    drawn: FrameMask
    encode: Callable[[], bytes]
    mask: Future[FrameMask | None]
    fail: Callable[[Exception], None]
    is_prompted: bool
    also: Callable[[Transaction], None] = lambda _: None
    saved: Callable[[], None] = lambda: None

    @property
    def rev(self) -> int:
        """The revision of the frame's state that this is the mask of."""
        return self.drawn.rev

    def is_wanted(self, tx: Transaction) -> bool:
        """Tell if the frame is still as it was, and has not this mask, or a run's newer one."""
        key, frame_idx = self.frame
        if frame_rev(tx, key, frame_idx) != self.rev:
            return False
        if self.is_prompted:
            return True
        row = read_frame(tx, key, frame_idx)
        return row is not None and lags_behind(read_mask(tx, key, frame_idx), row)


@dataclass(frozen=True, slots=True, eq=False)
class _Staged:
    """A mask with its temporary file; None if the frame has no mask any more."""

    unsaved: UnsavedMask
    path: Path
    temp: Path | None


class MaskSaver:
    """Takes all waiting masks of a video at once; encodes and syncs them without its lock."""

    def __init__(self, projects: Projects, bus: EventBus) -> None:
        self._projects = projects
        self._bus = bus
        self._changed = Condition()
        self._waiting: dict[str, list[UnsavedMask]] = {}  # by video; there while it is saved
        self._pool = ThreadPool(SAVING_THREADS, thread_name_prefix="save")

    def put(self, unsaved: UnsavedMask) -> None:
        """Save a mask soon, together with others of its video."""
        video_id = unsaved.frame.key.video_id
        with self._changed:
            is_new = video_id not in self._waiting
            self._waiting.setdefault(video_id, []).append(unsaved)
            if is_new:
                self._pool.submit(seen(self._save_all, "save"), video_id)

    def close(self) -> None:
        """Save what waits."""
        self._pool.shutdown()

    def _save_all(self, video_id: str) -> None:
        while batch := self._take(video_id):
            try:
                self._save(self._projects.get(video_id), batch)
            except Exception as error:  # noqa: BLE001 - the error travels to whoever waits
                for unsaved in batch:
                    if not unsaved.mask.done():
                        unsaved.fail(error)

    def _take(self, video_id: str) -> list[UnsavedMask]:
        """Take the next masks of a video; the video is done with where none are left."""
        with self._changed:
            waiting = self._waiting[video_id]
            if not waiting:
                del self._waiting[video_id]
                return []
            self._waiting[video_id] = waiting[MAX_BATCH:]
            return waiting[:MAX_BATCH]

    def _save(self, project: Project, batch: list[UnsavedMask]) -> None:
        newest = {unsaved.frame: unsaved for unsaved in sorted(batch, key=lambda item: item.rev)}
        staged = self._stage(project, list(newest.values()))
        try:
            with project.lock.for_files():
                saved = self._put_in_place(project, staged)
        finally:
            for mask in staged:
                if mask.temp is not None:
                    atomic.discard(mask.temp)
        for unsaved in saved:
            unsaved.saved()
        for unsaved in batch:
            unsaved.mask.set_result(unsaved.drawn if unsaved in saved else None)

    def _stage(self, project: Project, batch: list[UnsavedMask]) -> list[_Staged]:
        """Write temporary files of the frames that are still as they were, then sync them all."""
        wanted = project.db.read(lambda tx: [item for item in batch if item.is_wanted(tx)])
        staged: list[_Staged] = []
        for unsaved in wanted:
            key, frame_idx = unsaved.frame
            path = project.workspace.mask_path(key, frame_idx)
            if unsaved.drawn.png is None:
                staged.append(_Staged(unsaved, path, None))
            elif project.files.make_folder(path.parent, key.instance_id):
                temp = atomic.stage(path, unsaved.encode(), durable=False)
                staged.append(_Staged(unsaved, path, temp))
        for mask in staged:
            if mask.temp is not None:
                atomic.fsync_file(mask.temp)
        return staged

    def _put_in_place(self, project: Project, staged: Sequence[_Staged]) -> set[UnsavedMask]:
        """Rename files, then commit rows and announce them; hold the lock for files."""
        living, wanted = project.db.read(
            lambda tx: (
                {row.instance_id for row in list_instances(tx)},
                [mask for mask in staged if mask.unsaved.is_wanted(tx)],
            )
        )
        wanted = [mask for mask in wanted if mask.unsaved.frame.key.instance_id in living]
        new = [mask for mask in wanted if mask.temp is not None]
        gone = [mask for mask in wanted if mask.temp is None]
        for mask in new:
            assert mask.temp is not None
            atomic.put_in_place(mask.temp, mask.path)
        for folder in {mask.path.parent for mask in new}:
            atomic.fsync_folder(folder)
        dropped = project.db.write(lambda tx: _save_rows(tx, wanted)) if wanted else []
        for mask in gone:
            atomic.remove(mask.path)
        for folder in {mask.path.parent for mask in gone if mask.path.parent.exists()}:
            atomic.fsync_folder(folder)
        for mask in wanted:
            self._announce(mask.unsaved, dropped)
        return {mask.unsaved for mask in wanted}

    def _announce(self, unsaved: UnsavedMask, dropped: list[PairFrame]) -> None:
        key, frame_idx = unsaved.frame
        if unsaved.drawn.row is not None:
            self._bus.publish(mask_saved(key, unsaved.drawn.row))
        elif unsaved.frame in dropped:
            self._bus.publish(mask_deleted(key, frame_idx, unsaved.rev))


def _save_rows(tx: Transaction, masks: Sequence[_Staged]) -> list[PairFrame]:
    """Save the rows of masks, drop those of frames without one; return which had one."""
    dropped = []
    for mask in masks:
        key, frame_idx = mask.unsaved.frame
        row = mask.unsaved.drawn.row
        if row is not None:
            save_mask(tx, key, row)
        elif drop_mask(tx, key, frame_idx):
            dropped.append(mask.unsaved.frame)
        mask.unsaved.also(tx)
    return dropped
