"""Reads databases that another process of a cluster may have open; changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar

from sam2_session.core.errors import NotFound
from sam2_session.storage.database import Transaction
from sam2_session.storage.workspace import Workspace

T = TypeVar("T")
WAIT_S = 1.0  # for a commit under way


class SharedDatabases:
    """Remembers each answer until the file it came from has changed; for any thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._answers: dict[tuple[str, Any], tuple[tuple[int, int], Any]] = {}

    def read(self, video_id: str, query: Callable[[Transaction], T]) -> T | None:
        """Run a query on the committed state; None if that cannot be read now."""
        with suppress(OSError, sqlite3.Error, NotFound):
            path = self._workspace.database_path(video_id)
            file = path.stat()
            now, key = (file.st_mtime_ns, file.st_size), (video_id, query)
            known = self._answers.get(key)
            if known is None or known[0] != now:
                known = self._answers[key] = (now, _read(path, query))
            answer: T = known[1]
            return answer
        return None


def _read(path: Path, query: Callable[[Transaction], T]) -> T:
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=WAIT_S)) as connection:
        return query(connection)
