"""Locks a video for one writer; the kernel drops the lock when its owner dies."""

from __future__ import annotations

import fcntl
import os
import platform
from pathlib import Path

from sam2_session.core.errors import Conflict, StorageFailed


class VideoLock:
    """Held while a video's database is open; the lock file names its owner.

    Raises `Conflict` if another server holds it, `StorageFailed` if it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StorageFailed(
                f"The lock file {path.parent.name}/{path.name} cannot be opened: {error.strerror}.",
                hint="Remove it, or make its folder writable; then open the video again.",
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(self._file, 200, 0).decode(errors="replace").strip()
            os.close(self._file)
            raise Conflict(
                f"Another server is writing to {path.parent.name} ({owner or 'owner unknown'}).",
                hint="Stop that server, or give this one other --outputs-dir.",
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"process {os.getpid()} on {platform.node()}\n".encode(), 0)

    def release(self) -> None:
        """Release the lock."""
        os.close(self._file)


def is_held(path: Path) -> bool:
    """Whether a server holds this lock now."""
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:  # none, or none that anybody could hold
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False
