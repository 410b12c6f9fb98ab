"""Compacts one video: pictures kept once, predictions and bases of old states dropped.

Each step is durable before the next relies on it, so that an end at any moment loses nothing: a
mask's file is linked and the folder synced before the database names it instead of holding it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass, fields
from functools import partial
from typing import Any

from sam2_session.core.types import SessionKey
from sam2_session.storage import atomic
from sam2_session.storage.compaction_rows import (
    HeldPicture,
    drop_old_predictions,
    drop_unused_bases,
    free_bytes,
    held_pictures,
    name_pictures,
    newest_base,
    read_png,
)
from sam2_session.storage.database import Database
from sam2_session.storage.pictures import drop_picture, keep_picture
from sam2_session.storage.workspace import Workspace

BATCH = 200  # pictures that share a commit; clicks go in between
WORTH_BYTES = 1 << 20  # of unused space: for less the file is not written anew


@dataclass(frozen=True, slots=True)
class Freed:
    """The bytes that a compaction gave back to the disk, and what it did for it."""

    bytes: int = 0
    pictures: int = 0  # now kept once
    bases: int = 0  # not named by any state
    predictions: int = 0  # of old states

    def __add__(self, other: Freed) -> Freed:
        return Freed(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def to_wire(self) -> dict[str, Any]:
        """Return ``{bytes, pictures, bases, predictions}``."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class VideoCompaction:
    """Compacts one video's database; `lock` gives the lock of its files."""

    def __init__(
        self,
        db: Database,
        workspace: Workspace,
        video_id: str,
        lock: Callable[[], AbstractContextManager[Any]],
    ) -> None:
        self._db = db
        self._workspace = workspace
        self._video_id = video_id
        self._lock = lock
        self._folder = workspace.pictures_dir(video_id)

    def run(self, *, unused_up_to: int, goes_on: Callable[[], bool] = lambda: True) -> Freed:
        """Compact, until `goes_on` says no; bases newer than `unused_up_to` stay in any case."""
        pictures = 0
        held = self._db.read(held_pictures)
        for first in range(0, len(held), BATCH):
            if not goes_on():
                return Freed(pictures=pictures)
            pictures += self._keep_once(held[first : first + BATCH])
        predictions = self._db.write(partial(drop_old_predictions, video_id=self._video_id))
        bases, names = self._db.write(partial(drop_unused_bases, up_to=unused_up_to))
        dropped = sum(drop_picture(self._folder, name) for name in names)
        is_worth_it = self._db.read(free_bytes) >= WORTH_BYTES and goes_on()
        freed = dropped + (self._db.shrink() if is_worth_it else 0)
        return Freed(freed, pictures, bases, predictions)

    @property
    def newest_base(self) -> int:
        """The newest base now: in a later compaction, those up to it are no longer on their way."""
        return self._db.read(newest_base)

    def _keep_once(self, held: Sequence[HeldPicture]) -> int:
        """Keep the files of masks whose PNGs the database holds; those that differ stay in it."""
        names: list[tuple[int, str]] = []
        with self._lock():
            atomic.make_folder(self._folder)
            for picture in held:
                key = SessionKey(self._video_id, picture.instance_id, picture.region)
                path = self._workspace.mask_path(key, picture.frame_idx)
                png = self._db.read(partial(read_png, base_id=picture.base_id))
                name = keep_picture(self._folder, path, png) if png else None
                if name is not None:
                    names.append((picture.base_id, name))
            atomic.fsync_folder(self._folder)
        if names:
            self._db.write(partial(name_pictures, names=names))
        return len(names)
