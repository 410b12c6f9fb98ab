"""Limits how many uploads are received at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sam2_session.core.errors import ServerBusy
from sam2_session.runtime import Lock


class UploadSlots:
    """Counts the uploads under way; each may have `max_bytes`."""

    def __init__(self, limit: int, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.taken = 0
        self._limit = limit
        self._lock = Lock()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Take a slot until the end of the block. Raises `ServerBusy` if all are taken."""
        with self._lock:
            if self.taken >= self._limit:
                raise ServerBusy(
                    f"{self._limit} uploads go on already, as many as allowed.",
                    hint="Send the file again when one of them is done.",
                )
            self.taken += 1
        try:
            yield
        finally:
            with self._lock:
                self.taken -= 1
