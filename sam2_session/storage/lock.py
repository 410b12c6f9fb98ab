"""Locks a video for one writer; the kernel drops the lock when its owner dies."""

from __future__ import annotations

import errno
import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sam2_session.core.errors import Conflict, StorageFailed
from sam2_session.runtime import sleep

LOOKS, LOOK_S = 10, 0.02
HELD = (errno.EAGAIN, errno.EACCES)  # from flock if somebody has the lock


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
            _take(self._file)
        except OSError as error:
            owner = os.pread(self._file, 200, 0).decode(errors="replace").strip()
            os.close(self._file)
            if error.errno not in HELD:
                raise _no_locks(path, error) from error
            raise Conflict(
                f"Another server is writing to {path.parent.name} ({owner or 'owner unknown'}).",
                hint="Stop that server, or give this one other --outputs-dir.",
            ) from error
        with suppress(OSError):  # a full disk: the lock holds without a name, too
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"process {os.getpid()} on {platform.node()}\n".encode(), 0)

    def release(self) -> None:
        """Release the lock, and take the owner's name out of the file."""
        with suppress(OSError):
            os.ftruncate(self._file, 0)
        os.close(self._file)


def _take(file: int) -> None:
    """Take a lock, also if `is_held` has it for the moment of a look. Raises OSError."""
    for left in reversed(range(LOOKS)):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            is_look = error.errno in HELD and not os.pread(file, 1, 0)  # an owner writes its name
            if not is_look or not left:
                raise
            sleep(LOOK_S)


@contextmanager
def held_lock(path: Path) -> Iterator[None]:
    """Hold the lock of a video that is not open here, if it can have one.

    Raises `Conflict` if another server has it.
    """
    if not path.parent.is_dir() or path.is_dir():  # nobody can hold such a one
        yield
        return
    lock = VideoLock(path)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def shared_file(path: Path) -> Iterator[None]:
    """Wait until no other server changes a file that all videos share, and keep others waiting."""
    lock_path = path.with_name(f".{path.name}.lock")
    try:
        file = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StorageFailed(
            f"{lock_path.name} cannot be opened: {error.strerror}.",
            hint="Remove it, or make outputs/ writable for this user.",
        ) from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:
            raise _no_locks(lock_path, error) from error
        yield
    finally:
        os.close(file)


def _no_locks(path: Path, error: OSError) -> StorageFailed:
    return StorageFailed(
        f"{path.parent.name}/{path.name} cannot be locked: {error.strerror}. "
        "The file system of outputs/ may have no locks.",
        hint="Put outputs/ on a local disk, or mount the network's file system with locks (NFS: "
        "without nolock, and with lockd running); two servers could spoil each other's work.",
    )


def is_held(path: Path) -> bool:
    """Return whether a server holds this lock now."""
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:  # none, or none that anybody could hold
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in HELD
    finally:
        os.close(file)
    return False
