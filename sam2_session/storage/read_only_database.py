"""A video's database in a folder that is read-only: a copy of it, which nobody can change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from sam2_session.core.errors import ReadOnlyOutputs
from sam2_session.storage.atomic import storage_failed
from sam2_session.storage.database import Database, Transaction
from sam2_session.storage.workspace import PICTURES_NAME

T = TypeVar("T")


class ReadOnlyDatabase(Database):
    """Reads a copy of the file and of its journal, since SQLite writes even to read.

    `first` is applied to the copy of a database that is missing or empty.
    """

    def __init__(self, path: Path, first: Callable[[Transaction], None]) -> None:
        self._home = TemporaryDirectory(prefix="sam2-session-")
        copy = Path(self._home.name) / path.parent.name / path.name
        try:
            copy.parent.mkdir()
            for file in path.parent.glob(f"{path.name}*"):
                if not file.name.endswith("-shm"):
                    shutil.copyfile(file, copy.with_name(file.name))
            super().__init__(copy, pictures=path.parent / PICTURES_NAME)
            super().write(first)
        except OSError as error:
            self._home.cleanup()
            raise storage_failed(path, error) from error
        except BaseException:
            self._home.cleanup()
            raise

    def write(
        self, change: Callable[[Transaction], T], then: Callable[[T], None] | None = None
    ) -> T:
        """Raise `ReadOnlyOutputs`."""
        raise ReadOnlyOutputs

    def close(self) -> None:
        """Close the copy and remove it."""
        super().close()
        self._home.cleanup()
