"""Holds every batch of the workspace, and stores each change before it is seen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from sam2_session.core.errors import BatchNotFound, InvalidRequest, StorageFailed
from sam2_session.runtime import Lock, RLock
from sam2_session.services.batches.records import Batch, BatchItem, ItemMarks
from sam2_session.storage.batch_files import BatchFiles, Stamp

SCHEMA_VERSION = 1
MAX_ITEMS = 10_000

log = logging.getLogger(__name__)


class BatchBook:
    """Batches by id, for any thread; a change replaces a batch whole."""

    def __init__(self, files: BatchFiles) -> None:
        self._files = files
        self._batches: dict[str, Batch] = {}
        self._holders: dict[str, set[str]] = {}  # by video_id: the batches that list it
        self._stamps: dict[str, Stamp | None] = {}  # of the files as they were read or written
        self._is_held = False  # whether this server keeps others from changing batches now
        self._lock = RLock()  # orders changes, and is held while one is written
        self._table_lock = Lock()  # of the two tables; readers never wait for the disk

    def load(self) -> None:
        """Read every batch from disk."""
        for batch_id in self._files.ids():
            self._read(batch_id)

    def all(self) -> list[Batch]:
        """List the batches, oldest first."""
        with self._table_lock:
            return sorted(self._batches.values(), key=lambda batch: batch.created_at)

    def find(self, batch_id: str) -> Batch | None:
        """Return a batch, or None."""
        with self._table_lock:
            return self._batches.get(batch_id)

    def get(self, batch_id: str) -> Batch:
        """Return a batch. Raises `BatchNotFound`."""
        batch = self.find(batch_id)
        if batch is None:
            raise BatchNotFound(str(batch_id)[:80])
        return batch

    def holding(self, video_id: str) -> list[Batch]:
        """Return the batches that list a video."""
        with self._table_lock:
            return [self._batches[batch_id] for batch_id in self._holders.get(video_id, ())]

    def add(self, name: str, created_at: float, **fields: Any) -> Batch:
        """Store a new batch under an id made from its name."""
        with self._changing():
            batch_id = self._files.new_id(name)
            return self._save(Batch(batch_id=batch_id, name=name, created_at=created_at, **fields))

    def change(self, batch_id: str, edit: Callable[[Batch], Batch]) -> Batch:
        """Store an edited batch; it is durable when this returns."""
        with self._changing(batch_id):
            before = self.get(batch_id)
            after = edit(before)
            return before if after == before else self._save(after)

    def mark(self, batch_id: str, number: int, **marks: Any) -> Batch:
        """Change marks of one item. Raises `InvalidRequest` if there is no such item."""

        def edit(item: BatchItem) -> BatchItem:
            return replace(item, marks=replace(item.marks, **marks))

        return self.change_item(batch_id, number, edit)

    def mark_video(self, batch_id: str, video_id: str, **marks: Any) -> None:
        """Change marks of a video's item, if the batch still lists it."""
        with self._changing(batch_id):
            number = self.get(batch_id).number_of(video_id)
            if number is not None:
                self.mark(batch_id, number, **marks)

    def change_item(
        self, batch_id: str, number: int, edit: Callable[[BatchItem], BatchItem]
    ) -> Batch:
        """Change one item. Raises `InvalidRequest` if there is no such item."""

        def edit_batch(batch: Batch) -> Batch:
            items = list(batch.items)
            items[number - 1] = edit(item_of(batch, number))
            return replace(batch, items=tuple(items))

        return self.change(batch_id, edit_batch)

    def remove(self, batch_id: str) -> tuple[Batch, Path]:
        """Move a batch to the trash; return it with its folder there."""
        with self._changing(batch_id):
            batch = self.get(batch_id)
            folder = self._files.to_trash(batch_id)
            self._forget(batch)
            return batch, folder

    def bring_back(self, folder: Path, batch_id: str, name: str) -> Batch:
        """Move a batch back from the trash, under another id if its own is taken."""
        with self._changing():
            found, data = self._files.from_trash(folder, batch_id, name)
            try:
                batch = replace(msgspec.convert(data, Batch), batch_id=found)
            except msgspec.ValidationError as error:
                raise StorageFailed(
                    f"What is stored of this batch cannot be read: {error}.",
                    hint=f"It lies in outputs/batches/{found}.",
                ) from error
            self._stamps[found] = self._files.stamp(found)
            self._put(batch)
            return batch

    def discard(self, batch_id: str) -> None:
        """Remove a batch that could not be made."""
        with self._changing(batch_id):
            batch = self.get(batch_id)
            self._files.remove(batch_id)
            self._forget(batch)

    @contextmanager
    def _changing(self, batch_id: str | None = None) -> Iterator[None]:
        """Keep this and every other server from changing batches; read what one made of this."""
        with self._lock:
            if self._is_held:  # a change inside a change
                yield
                return
            with self._files.changing():
                self._is_held = True
                try:
                    if batch_id is not None:
                        self._read_if_changed(batch_id)
                    yield
                finally:
                    self._is_held = False

    def _read_if_changed(self, batch_id: str) -> None:
        known = self.find(batch_id)
        if known is None or self._files.stamp(batch_id) == self._stamps.get(batch_id):
            return
        if self._files.exists(batch_id):
            self._read(batch_id)  # a damaged file is written anew from what is known
        else:
            self._forget(known)

    def _read(self, batch_id: str) -> None:
        stamp, data = self._files.stamp(batch_id), self._files.read(batch_id)
        if data is None:
            return
        try:
            batch = msgspec.convert(data, Batch)
        except msgspec.ValidationError as error:
            log.warning("batch %s cannot be read and is left alone: %s", batch_id, error)
            return
        self._put(replace(batch, batch_id=batch_id))
        self._stamps[batch_id] = stamp

    def _save(self, batch: Batch) -> Batch:
        require_count(len(batch.items))
        data = {"schema_version": SCHEMA_VERSION, **msgspec.to_builtins(batch)}
        self._files.write(batch.batch_id, data)
        self._stamps[batch.batch_id] = self._files.stamp(batch.batch_id)
        self._put(batch)
        return batch

    def _put(self, batch: Batch) -> None:
        with self._table_lock:
            before = self._batches.get(batch.batch_id)
            if before is None or before.items != batch.items:
                if before is not None:
                    self._drop_holders(before)
                for item in batch.items:
                    self._holders.setdefault(item.video_id, set()).add(batch.batch_id)
            self._batches[batch.batch_id] = batch

    def _forget(self, batch: Batch) -> None:
        with self._table_lock:
            self._batches.pop(batch.batch_id, None)
            self._drop_holders(batch)

    def _drop_holders(self, batch: Batch) -> None:
        for item in batch.items:
            self._holders.get(item.video_id, set()).discard(batch.batch_id)


def require_count(items: int) -> None:
    """Raise `InvalidRequest` for more items than a batch holds."""
    if items > MAX_ITEMS:
        raise InvalidRequest(
            f"A batch has at most {MAX_ITEMS} items.", hint="Make several batches."
        )


def item_of(batch: Batch, number: int) -> BatchItem:
    """Return an item by its number. Raises `InvalidRequest` if there is none."""
    if not 1 <= number <= len(batch.items):
        raise InvalidRequest(
            f"{batch.name} has no item {number}.", hint=f"Items count from 1 to {len(batch.items)}."
        )
    return batch.items[number - 1]


def new_items(video_ids: list[str]) -> tuple[BatchItem, ...]:
    """Make items without marks."""
    return tuple(BatchItem(video_id=video_id, marks=ItemMarks()) for video_id in video_ids)
