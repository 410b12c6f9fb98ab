"""Processes of a cluster that may own leases: each shows by a file that it is alive.

The owner touches its file; another process judges it by whether that file changes, measured with
its own clock, so that the clocks of two machines need not agree. A file that is gone says that its
owner owns nothing any more, and the owner can never bring it back.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from sam2_session.core.errors import VideoElsewhere
from sam2_session.runtime import monotonic, sleep

LEASE_S = 10.0  # an owner that was silent for so long has lost its leases
TRUSTED = 0.6  # share of that time for which the owner itself trusts its last sign of life
WATCH_S = 0.1
CLUSTER_FOLDER = ".cluster"


class Owners:
    """The files of all owners, in ``outputs/.cluster/owners``."""

    def __init__(self, outputs_dir: Path, lease_s: float = LEASE_S) -> None:
        self._folder = outputs_dir / CLUSTER_FOLDER / "owners"
        self.lease_s = lease_s
        self.trusted_s = lease_s * TRUSTED

    def add(self, member: str) -> str:
        """Add an owner for this process; returns its id, which no other ever has."""
        owner = f"{member}@{_machine()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path(owner).touch()
        return owner

    def renew(self, owner: str) -> bool:
        """Show that this owner is alive; False once another process has ended it."""
        try:
            os.utime(self._path(owner))
            self._path(owner).stat()  # it may have been taken away just before
        except FileNotFoundError:
            return False
        return True

    def remove(self, owner: str) -> None:
        """Remove an owner that owns nothing any more."""
        self._path(owner).unlink(missing_ok=True)

    def is_ended(self, owner: str) -> bool:
        """Return whether an owner is known to own nothing any more."""
        return not self._path(owner).exists() and not self._ending(owner).exists()

    def wait_for_end(self, owner: str, video_id: str) -> None:
        """Return once an owner owns nothing any more; waits `lease_s` for one that is silent.

        Raises `VideoElsewhere` as soon as it shows that it is alive.
        """
        if _is_gone(owner):
            self.remove(owner)
        seen = _touched(self._path(owner))
        until_s = monotonic() + self.lease_s
        while seen is not None and monotonic() < until_s:
            sleep(WATCH_S)
            now = _touched(self._path(owner))
            if now is not None and now != seen:
                raise VideoElsewhere(video_id, owner)
            seen = now
        self._end(owner, seen)

    def _end(self, owner: str, seen: int | None) -> None:
        """Take the file away: from here on its owner cannot renew it."""
        ending = self._ending(owner)
        with suppress(FileNotFoundError):
            self._path(owner).rename(ending)
        touched = _touched(ending)
        if touched not in (None, seen):  # alive until just now, or another process ends it
            sleep(self.trusted_s)
        ending.unlink(missing_ok=True)

    def _path(self, owner: str) -> Path:
        return self._folder / owner

    def _ending(self, owner: str) -> Path:
        return self._folder / f"{owner}.ending"


def member_of(owner: str) -> str:
    """Return the name of the member that an owner's process served."""
    return owner.rpartition("@")[0]


def _touched(path: Path) -> int | None:
    """Read when a file was touched, past the caches of a network's file system; None if gone."""
    try:
        with path.open("rb") as file:  # opening asks the server
            return os.fstat(file.fileno()).st_mtime_ns
    except FileNotFoundError:
        return None


def _machine() -> str:
    """Identify this machine since its start, and the processes that see each other on it."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    names = Path("/proc/self/ns/pid").readlink()
    return hashlib.sha256(f"{boot}{names}".encode()).hexdigest()[:12]


def _is_gone(owner: str) -> bool:
    """Tell if an owner was a process of this machine that has ended."""
    machine, _, rest = owner.rpartition("@")[2].partition("-")
    pid = rest.partition("-")[0]
    if machine != _machine() or not pid.isdecimal():
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state.rpartition(")")[2].split()[0] in ("Z", "X")
