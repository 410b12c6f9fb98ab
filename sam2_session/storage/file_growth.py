"""Tells whether a file is still being written, by a copy or a recorder."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import time
from pathlib import Path

RECENT_S = 60.0  # a file that nobody has written to for so long is not being copied
SETTLE_S = 3.0  # a file of which only the time is known is whole after so long


def is_being_written(path: Path) -> bool:
    """Tell if a process has the file open for writing; False where the system cannot tell."""
    return _age_s(path) < RECENT_S and _has_writer(path) is True


def may_be_growing(path: Path) -> bool:
    """Return whether a file that seems cut short may be so because it is still being written."""
    age_s = _age_s(path)
    writer = _has_writer(path) if age_s < RECENT_S else False
    return age_s < SETTLE_S if writer is None else writer


def _age_s(path: Path) -> float:
    """Seconds since the last change; a time in the future counts as long ago."""
    try:
        age_s = time.time() - path.stat().st_mtime
    except OSError:
        return RECENT_S
    return age_s if age_s >= 0 else RECENT_S


def _has_writer(path: Path) -> bool | None:
    """Ask for a lease to read, which the kernel refuses while the file is open for writing.

    None where the file system knows no leases, or the file is another user's.
    """
    if not path.is_file():
        return None
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        # a writer that comes meanwhile is announced by this signal, which nobody minds
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN else None
    finally:
        os.close(file)
    return False
