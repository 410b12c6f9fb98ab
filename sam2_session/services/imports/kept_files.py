"""Files that a dry run looked into stay for a while: the next look need not send them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sam2_session.runtime import Lock, monotonic
from sam2_session.storage.uploads import Upload, UploadStore

KEEP_S = 15 * 60.0  # since it was looked into last
MOST_FILES = 4


class KeptFiles:
    """They go when they are imported, when others take their place, and when the process ends."""

    def __init__(self, uploads: UploadStore, keep_s: float = KEEP_S) -> None:
        self._uploads = uploads
        self._keep_s = keep_s
        self._looked_at: dict[str, float] = {}  # the one that was looked into last is the last
        self._lock = Lock()

    @contextmanager
    def looking(self, upload_id: str) -> Iterator[Upload]:
        """A file to look into; it is kept if nothing is raised. Raises `NotFound`."""
        if upload_id in self._looked_at:
            self._keep(upload_id)
        yield self._uploads.find(upload_id)
        self._keep(upload_id)
        self.tidy()

    def release(self, upload_id: str) -> None:
        """It belongs to an import by now, which removes it."""
        with self._lock:
            self._looked_at.pop(upload_id, None)

    def tidy(self) -> None:
        """Remove what nobody came back to."""
        with self._lock:
            oldest_s = monotonic() - self._keep_s
            spare = list(self._looked_at)[:-MOST_FILES]
            gone = {one for one, looked_s in self._looked_at.items() if looked_s < oldest_s}
        self._remove([*gone, *spare])

    def close(self) -> None:
        """Keep nothing."""
        self._remove(list(self._looked_at))

    def _keep(self, upload_id: str) -> None:
        with self._lock:
            self._looked_at.pop(upload_id, None)
            self._looked_at[upload_id] = monotonic()

    def _remove(self, upload_ids: list[str]) -> None:
        for upload_id in upload_ids:
            with self._lock:
                self._looked_at.pop(upload_id, None)
            self._uploads.abort(upload_id)
