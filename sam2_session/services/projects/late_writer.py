"""Thread that writes the JSON files of all videos a moment after their changes."""

from __future__ import annotations

from typing import Protocol

from sam2_session.core.errors import FsyncFailed
from sam2_session.runtime import Condition, monotonic, spawn, stop_at_once
from sam2_session.services.projects.json_files import JsonFiles

DELAY_S = 0.1
REST = 20  # times as long as the last writing took: files take a twentieth of the time at most


class LateFiles(Protocol):
    """A video whose JSON files lag behind its database for a moment."""

    @property
    def files(self) -> JsonFiles: ...

    def write_files(self) -> None: ...

    def note_unwritten(self, error: Exception) -> None: ...


class LateWriter:
    """Writes a video's files once for all changes of a tenth of a second, or of longer."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._due_s: dict[LateFiles, float] = {}
        self._closing = False
        self._thread = spawn(self._loop, name="json-files")

    def put(self, project: LateFiles) -> None:
        """Write the files of a project soon; one that waits already keeps its time."""
        with self._changed:
            if project not in self._due_s:
                wait_s = max(DELAY_S, REST * project.files.took_s)
                self._due_s[project] = monotonic() + wait_s
                self._changed.notify()

    def close(self) -> None:
        """End the thread; projects that are closed write their own files."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _loop(self) -> None:
        while (project := self._next()) is not None:
            try:
                project.write_files()
            except FsyncFailed:
                stop_at_once()
            except Exception as error:  # noqa: BLE001 - boundary: other videos are written
                project.note_unwritten(error)

    def _next(self) -> LateFiles | None:
        """Wait for the project that is due first; None once it is closed."""
        with self._changed:
            while not self._closing:
                first = min(self._due_s, key=self._due_s.__getitem__, default=None)
                if first is None:
                    self._changed.wait()
                elif (wait_s := self._due_s[first] - monotonic()) > 0:
                    self._changed.wait(wait_s)
                else:
                    del self._due_s[first]
                    return first
        return None
