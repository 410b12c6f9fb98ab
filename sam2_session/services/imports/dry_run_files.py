"""Keeps the uploads of dry runs, so that the next request need not send them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sam2_session.runtime import Lock, monotonic
from sam2_session.storage.uploads import Upload, UploadStore

KEEP_S = 15 * 60.0  # since the last dry run
MAX_FILES = 4


class DryRunFiles:
    """Keeps at most four dry-run uploads, for 15 minutes."""

    def __init__(self, uploads: UploadStore, keep_s: float = KEEP_S) -> None:
        self._uploads = uploads
        self._keep_s = keep_s
        self._used_s: dict[str, float] = {}  # time of last use, oldest first
        self._lock = Lock()

    @contextmanager
    def use(self, upload_id: str) -> Iterator[Upload]:
        """Give an upload to a dry run, and keep it unless that fails. Raises `NotFound`."""
        if upload_id in self._used_s:
            self._keep(upload_id)
        yield self._uploads.find(upload_id)
        self._keep(upload_id)
        self.tidy()

    def release(self, upload_id: str) -> None:
        """Hand an upload over to an import, which removes its file."""
        with self._lock:
            self._used_s.pop(upload_id, None)

    def tidy(self) -> None:
        """Remove uploads that are too old, and the oldest if there are more than `MAX_FILES`."""
        with self._lock:
            oldest_s = monotonic() - self._keep_s
            spare = list(self._used_s)[:-MAX_FILES]
            old = {upload_id for upload_id, used_s in self._used_s.items() if used_s < oldest_s}
        self._remove([*old, *spare])

    def close(self) -> None:
        """Remove every upload."""
        self._remove(list(self._used_s))

    def _keep(self, upload_id: str) -> None:
        with self._lock:
            self._used_s.pop(upload_id, None)
            self._used_s[upload_id] = monotonic()

    def _remove(self, upload_ids: list[str]) -> None:
        for upload_id in upload_ids:
            self.release(upload_id)
            self._uploads.abort(upload_id)
