"""Leases of videos: on a shared folder one process of a cluster is each video's only writer.

A lease is a file ``.lease-<fence>`` in the video's folder that names its owner; the one with the
highest fence counts. Linking a file to the next number is how a lease is taken, and only one
process can do that. Every commit checks the fence in the database, and every file that is put in
place asks `check` first; whoever takes a lease from an owner that did not release it removes what
that one had staged.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from sam2_session.core.errors import Conflict, HostUnavailable, VideoElsewhere
from sam2_session.loops import Loop
from sam2_session.runtime import Lock, Signal, monotonic, stop_at_once
from sam2_session.storage.atomic import sweep_temp_files
from sam2_session.storage.documents import parse_document
from sam2_session.storage.lease_owners import CLUSTER_FOLDER, LEASE_S, Owners
from sam2_session.storage.lock import is_held
from sam2_session.storage.write_guard import WRITE_GUARD

HOME = CLUSTER_FOLDER  # the lease of everything that belongs to no video
LEASE_NAME = re.compile(r"\.lease-(\d{10})")
RENEW_SHARE = 0.1  # of the lease's time passes between two signs of life
LOCK = ".lock"
BATCHES = "batches"
STAGED_BATCHES = f"{BATCHES}/*/.batch.json.*.tmp"
UNSHARED = re.compile(r"\.track_.*")  # logs that are written in place


class LeaseBook:
    """The leases of this process, for any thread."""

    def __init__(self, outputs_dir: Path, member: str, lease_s: float = LEASE_S) -> None:
        self._root = outputs_dir.absolute()
        self._owners = Owners(self._root, lease_s)
        self._lock = Lock()
        self._fences: dict[str, int] = {}
        self._trusted_until_s = monotonic() + self._owners.trusted_s
        self.owner = self._owners.add(member)
        self.when_needed: Callable[[str], None] = self.require  # takes the lease of a video
        self._closing = Signal()
        self._loop = Loop(self._renew, name="lease-renewal")
        WRITE_GUARD.install(self.check)

    def held(self) -> list[str]:
        """Return the videos whose lease is held here, `HOME` left out."""
        with self._lock:
            return sorted(video_id for video_id in self._fences if video_id != HOME)

    def holds(self, video_id: str) -> bool:
        """Return whether this process is the only writer of a video now."""
        return video_id in self._fences and monotonic() < self._trusted_until_s

    def fence(self, video_id: str) -> int:
        """Return the number of a held lease. Raises `VideoElsewhere`."""
        self.require(video_id)
        return self._fences[video_id]

    def require(self, video_id: str) -> None:
        """Raise `VideoElsewhere` unless this process is the only writer of a video."""
        if not self.holds(video_id):
            raise VideoElsewhere(video_id, "")

    def check(self, path: Path) -> None:
        """Raise `VideoElsewhere` if a file belongs to a video whose lease is not held here.

        The folder of a video that nobody ever leased is open to whoever registers it. Raises
        `HostUnavailable` for any other file of the cluster, such as a batch, if this process was
        paused for so long that another one may do its work by now.
        """
        inside = self._inside(path)
        if not inside:
            return
        video_id = self._video_of(path, inside)
        if video_id is None:
            self._require_trust()
            return
        if self.holds(video_id):
            return
        if video_id in self._fences or newest_lease(self._root / video_id)[0]:
            raise VideoElsewhere(video_id, "")

    def claim(self, video_id: str) -> bool:
        """Take a lease that is free, or whose owner has ended; whether it was not held before.

        Raises `VideoElsewhere` if a living process holds it, and `Conflict` if a server outside
        the cluster has the video open. Waits for the end of a silent owner.
        """
        if video_id in self._fences:
            self.require(video_id)
            return False
        folder = self._root / video_id
        fence, owner = newest_lease(folder)
        if owner not in ("", self.owner):  # one of our own came back from the trash
            self._owners.wait_for_end(owner, video_id)
        if is_held(folder / LOCK):
            raise Conflict(
                f"A server outside the cluster is writing to {video_id}.",
                hint="Stop that server; the same folders belong to one server or one cluster.",
            )
        self._take(folder, fence + 1)
        with self._lock:
            self._fences[video_id] = fence + 1
        if owner and video_id == HOME:
            _remove_staged_batches(self._root)
        elif owner:
            _take_over(folder)
        return True

    def release(self, video_id: str) -> None:
        """Give a lease back: another process may take it at once."""
        with self._lock:
            fence = self._fences.pop(video_id, None)
        folder = self._root / video_id
        if fence is not None and folder.is_dir():  # else the video was deleted
            temp = _stage(folder, "", fence)
            temp.replace(_lease_path(folder, fence))

    def close(self) -> None:
        """Release every lease."""
        for video_id in [*self.held(), HOME]:
            self.release(video_id)
        self._closing.set()
        self._loop.join()
        self._owners.remove(self.owner)
        WRITE_GUARD.install(None)

    def _inside(self, path: Path) -> tuple[str, ...]:
        """Return the names on the way from the root to a path; nothing for one elsewhere."""
        try:
            return path.absolute().relative_to(self._root).parts
        except ValueError:
            return ()

    def _video_of(self, path: Path, inside: tuple[str, ...]) -> str | None:
        if inside[0].startswith(".") or inside[0] == BATCHES:
            return None
        return inside[0] if len(inside) > 1 or path.is_dir() else None

    def _require_trust(self) -> None:
        if monotonic() >= self._trusted_until_s:
            raise HostUnavailable("This process was silent for too long to write anything.")

    def _take(self, folder: Path, fence: int) -> None:
        """Make the lease file of the next number; only one process can."""
        folder.mkdir(parents=True, exist_ok=True)
        temp = _stage(folder, self.owner, fence)
        try:
            os.link(temp, _lease_path(folder, fence))
        except FileExistsError as error:
            raise VideoElsewhere(folder.name, newest_lease(folder)[1]) from error
        finally:
            temp.unlink(missing_ok=True)
        for number, path in _lease_files(folder):
            if number < fence:
                path.unlink(missing_ok=True)

    def _renew(self) -> bool:
        """Show that this process is alive; once another has taken its leases, it ends."""
        began_s = monotonic()
        if not self._owners.renew(self.owner):
            stop_at_once()
        self._trusted_until_s = began_s + self._owners.trusted_s
        return not self._closing.wait(self._owners.lease_s * RENEW_SHARE)


def newest_lease(folder: Path) -> tuple[int, str]:
    """Read a folder's lease: its number, 0 if there never was one, and its owner, if any."""
    found = _lease_files(folder)
    if not found:
        return 0, ""
    fence, path = found[-1]
    owner = parse_document(path, lambda lease: str(lease["owner"]))
    if owner is not None:
        return fence, owner
    return newest_lease(folder) if not path.exists() else (fence, "")


def require_unleased(folder: Path) -> None:
    """Raise `Conflict` if a process of a cluster writes to a video now."""
    owner = newest_lease(folder)[1]
    if owner and not Owners(folder.parent).is_ended(owner):
        raise Conflict(
            f"A cluster is writing to {folder.name} ({owner}).",
            hint="Open it there, or stop the cluster first.",
        )


def _lease_files(folder: Path) -> list[tuple[int, Path]]:
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    found = [(match, name) for name in names if (match := LEASE_NAME.fullmatch(name))]
    return sorted((int(match[1]), folder / name) for match, name in found)


def _lease_path(folder: Path, fence: int) -> Path:
    return folder / f".lease-{fence:010d}"


def _stage(folder: Path, owner: str, fence: int) -> Path:
    temp = folder / f".lease.{secrets.token_hex(8)}.tmp"
    with temp.open("xb") as file:
        file.write(json.dumps({"owner": owner, "fence": fence, "lease_s": LEASE_S}).encode())
        file.flush()
        os.fsync(file.fileno())
    return temp


def _take_over(folder: Path) -> None:
    """Cut off what the owner before might still write when it wakes.

    A file that it had staged cannot be put in place any more; a log that it has open is another
    file from now on.
    """
    sweep_temp_files(folder)
    for parent, _, names in os.walk(folder):
        for name in names:
            if UNSHARED.fullmatch(name):
                path = Path(parent, name)
                temp = path.with_name(f".{name}.{secrets.token_hex(8)}.tmp")
                shutil.copyfile(path, temp)
                temp.replace(path)


def _remove_staged_batches(root: Path) -> None:
    """Cut off the home before: a batch that it had staged cannot be put in place any more."""
    for temp in root.glob(STAGED_BATCHES):
        temp.unlink(missing_ok=True)
