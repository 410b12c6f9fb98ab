"""Manages the checkpoints folder: a file is verified by its sha256 before it is used."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sam2_session import runtime
from sam2_session.core.errors import ModelUnavailable
from sam2_session.folders import BUNDLED_CHECKPOINTS, INSTALLED
from sam2_session.models.download import Download, Progress, RetryPolicy, Source
from sam2_session.models.files import hash_file, put_in_place, read_table, write_table
from sam2_session.models.registry import ModelSpec

log = logging.getLogger(__name__)


class CheckpointStore:
    """Finds, downloads and verifies checkpoints.

    `pins.json` holds the hash of first use of a model that came without a published one.
    `verified.json` remembers size and time of a verified file, so that a start hashes nothing.
    A model without an address comes with the program: where `checkpoints_dir` lacks its file, the
    one in `bundled_dir` is read.
    """

    def __init__(
        self,
        checkpoints_dir: Path,
        *,
        bundled_dir: Path | None = BUNDLED_CHECKPOINTS,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._dir = checkpoints_dir
        self._bundled_dir = bundled_dir
        self._retry = retry or RetryPolicy()
        self._lock = runtime.Lock()  # guards the two JSON files

    def path(self, spec: ModelSpec) -> Path:
        """Path of a checkpoint, whether it exists yet or not."""
        path = self._dir / spec.checkpoint
        if spec.url is not None or self._bundled_dir is None or path.is_file():
            return path
        bundled = self._bundled_dir / spec.checkpoint
        return bundled if bundled.is_file() else path

    def is_present(self, spec: ModelSpec) -> bool:
        """Return whether a file of the right size exists; it is not read."""
        path = self.path(spec)
        return path.is_file() and spec.bytes in (None, path.stat().st_size)

    def kept_bytes(self, spec: ModelSpec) -> int:
        """Bytes left by a download that stopped; the next one continues from there."""
        part = self._part(spec)
        return part.stat().st_size if part.is_file() else 0

    def path_if_ready(self, spec: ModelSpec) -> Path | None:
        """Verify the file and return its path, or None if there is no file.

        Raises ModelUnavailable if it is the wrong file.
        """
        path = self.path(spec)
        if not path.is_file():
            return None
        if spec.bytes not in (None, path.stat().st_size):
            raise _broken(spec, f"{spec.bytes} bytes", f"{path.stat().st_size} bytes")
        if not self._is_remembered(spec, path):
            self._accept(spec, path, hash_file(path).hexdigest())
        return path

    def ensure(
        self,
        spec: ModelSpec,
        progress: Progress = lambda done, total: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Path:
        """Verify the file and return its path, downloading it first if it is missing.

        Raises ModelUnavailable, Cancelled or StorageFailed.
        """
        if ready := self.path_if_ready(spec):
            return ready
        if spec.url is None:
            raise _absent(spec)
        self._dir.mkdir(parents=True, exist_ok=True)
        part = self._part(spec)
        source = Source(url=spec.url, bytes=spec.bytes, sha256=self._expected(spec))
        with _download_lock(part, spec):
            if ready := self.path_if_ready(spec):  # another server downloaded it meanwhile
                return ready
            download = Download(
                source, part, progress=progress, cancelled=cancelled, retry=self._retry
            )
            return self._take(spec, download, part)

    def verify(self, spec: ModelSpec) -> Path | None:
        """Hash the file, however often it was before; None if there is no file.

        Raises ModelUnavailable if it is the wrong file.
        """
        path = self.path(spec)
        if not path.is_file():
            return None
        self._accept(spec, path, hash_file(path).hexdigest())
        return path

    def remove(self, spec: ModelSpec) -> int:
        """Delete the file and what a stopped download left; returns the bytes that are free now.

        Raises ModelUnavailable for a model that comes with the program.
        """
        if spec.url is None:
            raise ModelUnavailable(
                f"{spec.name} comes with the program.", hint="Only fetched models are removed."
            )
        found = [path for path in (self.path(spec), self._part(spec)) if path.is_file()]
        freed = sum(path.stat().st_size for path in found)
        for path in found:
            path.unlink()
        return freed

    def _part(self, spec: ModelSpec) -> Path:
        return self.path(spec).with_name(spec.checkpoint + ".part")

    def _take(self, spec: ModelSpec, download: Download, part: Path) -> Path:
        got, expected = download.run(), self._expected(spec)
        if expected is not None and got != expected:
            download.discard()
            raise _wrong_download(spec, expected, got)
        put_in_place(part, self.path(spec))
        download.discard()
        self._accept(spec, self.path(spec), got)
        return self.path(spec)

    def _expected(self, spec: ModelSpec) -> str | None:
        if spec.sha256 is not None:
            return spec.sha256
        try:
            return read_table(self._dir / "pins.json").get(spec.name, {}).get("sha256")
        except ValueError as error:
            raise ModelUnavailable(
                f"checkpoints/pins.json is damaged: {error}.",
                hint="Restore it, or delete it to trust the files as they are now.",
            ) from error

    def _accept(self, spec: ModelSpec, path: Path, got: str) -> None:
        expected = self._expected(spec)
        if expected is None:
            log.warning("%s: pinned to sha256 %s on first use", spec.name, got)
            self._write("pins.json", spec.name, {"sha256": got})
        elif got != expected:
            raise _broken(spec, f"sha256 {expected}", f"sha256 {got}")
        self._write("verified.json", spec.checkpoint, {**_stamp(path), "sha256": got})

    def _is_remembered(self, spec: ModelSpec, path: Path) -> bool:
        try:
            row = read_table(self._dir / "verified.json").get(spec.checkpoint)
        except ValueError:
            return False  # the file only saves time
        return row == {**_stamp(path), "sha256": self._expected(spec)}

    def _write(self, table: str, name: str, row: dict[str, int | str]) -> None:
        path = self._dir / table
        if not self._dir.is_dir():
            return  # only a bundled file was read: 9 MB are soon hashed again
        with self._lock:
            try:
                rows = read_table(path)
            except ValueError:
                rows = {}
            try:
                write_table(path, rows | {name: row})
            except OSError as error:  # a read-only folder: the file is hashed again next time
                log.warning("%s cannot be written: %s", table, error)


def _stamp(path: Path) -> dict[str, int | str]:
    stat = path.stat()
    return {"bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns}


@contextmanager
def _download_lock(part: Path, spec: ModelSpec) -> Iterator[None]:
    """Lock the download of a checkpoint, also against other servers with the same folder."""
    lock = part.with_name(part.name + ".lock")
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ModelUnavailable(
                f"{spec.checkpoint} is being fetched already.", hint="Try again when it is there."
            ) from error
        yield


def _absent(spec: ModelSpec) -> ModelUnavailable:
    return ModelUnavailable(
        f"checkpoints/{spec.checkpoint} is missing.",
        hint=_restoring(spec),
    )


def _restoring(spec: ModelSpec) -> str:
    if INSTALLED:
        return "It comes with the program: install sam2-session again."
    return f"It belongs to this repository: git checkout -- checkpoints/{spec.checkpoint}"


def _broken(spec: ModelSpec, expected: str, got: str) -> ModelUnavailable:
    cure = (
        "Delete it and select the model again: it is fetched anew."
        if spec.url
        else _restoring(spec)
    )
    return ModelUnavailable(
        f"checkpoints/{spec.checkpoint} is not the right file: expected {expected}, got {got}.",
        hint=cure,
    )


def _wrong_download(spec: ModelSpec, expected: str, got: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"{spec.url} sent another file: expected sha256 {expected}, got {got}. It was deleted.",
        hint="Somebody changed the file on its way, or there. Check the network, then try again.",
    )
