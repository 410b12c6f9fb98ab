"""Keeps the files of masks that a stretch run replaces, as second names of the same files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from sam2_session.core.frame_files import file_number
from sam2_session.core.types import SessionKey
from sam2_session.storage import atomic
from sam2_session.storage.workspace import Workspace

Side = Literal["before", "after"]


class StretchMasks:
    """The masks of a pair before and after one run; hold the project's lock."""

    def __init__(self, workspace: Workspace, key: SessionKey, run: int) -> None:
        self._workspace = workspace
        self._key = key
        self._folder = workspace.stretch_dir(key, run)

    @property
    def exist(self) -> bool:
        """Return whether the run can still be taken back."""
        return self._folder.is_dir()

    def begin(self) -> None:
        """Make the folder."""
        atomic.make_folder(self._folder)

    def keep(self, frames: Iterable[int], side: Side) -> None:
        """Keep the masks that lie in place now; those of before are kept once."""
        for frame_idx in frames:
            path, kept = (
                self._workspace.mask_path(self._key, frame_idx),
                self._kept(frame_idx, side),
            )
            if side == "after":
                atomic.remove(kept)
            if path.exists() and not kept.exists():
                _link(path, kept)
        atomic.fsync_folder(self._folder)

    def place(self, frames: Iterable[int], side: Side) -> None:
        """Put masks in place; where there was none, take away what is there. May be repeated."""
        folder = self._workspace.masks_dir(self._key)
        for frame_idx in frames:
            path, kept = (
                self._workspace.mask_path(self._key, frame_idx),
                self._kept(frame_idx, side),
            )
            if not kept.exists():
                atomic.remove(path)
                continue
            temp = atomic.temp_path(path)
            _link(kept, temp)
            atomic.put_in_place(temp, path)
        if folder.is_dir():
            atomic.fsync_folder(folder)

    def drop(self) -> None:
        """Delete them: the run can be taken back no more."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with suppress(OSError):  # others are in it
            self._folder.parent.rmdir()

    def _kept(self, frame_idx: int, side: Side) -> Path:
        return self._folder / f"{file_number(frame_idx)}.{side}.png"


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        try:
            shutil.copyfile(source, target)  # a disk without hard links
        except OSError:
            raise atomic.storage_failed(target, error) from error
