"""Writes files atomically: temp file in the same folder, fsync, rename, fsync of the folder."""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sam2_session.core.errors import FsyncFailed, StorageFailed
from sam2_session.runtime import ThreadPool
from sam2_session.storage.write_guard import WRITE_GUARD

TEMP_NAME = re.compile(r"\..+\.[0-9a-f]{16}\.tmp")
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
SYNCING_THREADS = 8  # their files share commits of the file system's journal
NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS})


def write_bytes(path: Path, data: bytes | memoryview, *, durable: bool = True) -> None:
    """Write a file atomically: readers see the old or the new content whole, even after a crash.

    With ``durable=False`` nothing is fsynced; the writer of a batch then calls `fsync_file` on each
    file and `fsync_folder` once. Raises `StorageFailed`.
    """
    temp = temp_path(path)
    with _storage_errors(path):
        try:
            _write_new(temp, data, durable=durable)
            WRITE_GUARD.check(path)
            temp.replace(path)
        finally:
            with suppress(OSError):  # already renamed if all went well
                temp.unlink(missing_ok=True)
    if durable:
        fsync_folder(path.parent)


def stage(path: Path, data: bytes | memoryview, *, durable: bool = True) -> Path:
    """Write a temp file beside `path`, for `put_in_place`; see `write_bytes` for `durable`."""
    temp = temp_path(path)
    with _storage_errors(path):
        try:
            _write_new(temp, data, durable=durable)
        except OSError:
            discard(temp)
            raise
    return temp


def put_in_place(temp: Path, path: Path) -> None:
    """Rename a staged file to `path`; the caller fsyncs the folder once per batch."""
    with _storage_errors(path):
        WRITE_GUARD.check(path)
        temp.replace(path)


def remove(path: Path) -> None:
    """Remove a file if it is there; the caller fsyncs the folder if that must last."""
    WRITE_GUARD.check(path)
    path.unlink(missing_ok=True)


def discard(temp: Path) -> None:
    """Remove a temp file if it is still there."""
    with suppress(OSError):
        temp.unlink(missing_ok=True)


def write_json(path: Path, value: Any, *, durable: bool = True, indent: int | None = 1) -> None:
    """Write `value` as UTF-8 JSON without NaN, atomically, unless the file already holds it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    data = (text + "\n").encode()
    if not _holds(path, data):
        write_bytes(path, data, durable=durable)


def _holds(path: Path, data: bytes) -> bool:
    """Tell if a file has this content; one of another size is not read, however large it is."""
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def move(source: Path, target: Path) -> None:
    """Rename durably within one file system, replacing an existing file."""
    for path in (source, target):
        WRITE_GUARD.check(path)
    with _storage_errors(target):
        source.replace(target)
    fsync_folder(target.parent)
    if source.parent != target.parent:
        fsync_folder(source.parent)


def keep_link(path: Path, kept: Path) -> None:
    """Keep a file under a second name, replacing what has it; without links, as a copy.

    The caller fsyncs the folder of `kept` once per batch, before it replaces `path`.
    """
    WRITE_GUARD.check(kept)
    with _storage_errors(kept):
        kept.unlink(missing_ok=True)
        try:
            os.link(path, kept)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            _write_new(kept, path.read_bytes(), durable=True)


def make_folder(path: Path) -> None:
    """Create a folder and its parents, each durable in the one above it."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    with _storage_errors(path):
        path.mkdir(parents=True, exist_ok=True)
    for folder in reversed(missing):
        fsync_folder(folder.parent)


def temp_path(path: Path) -> Path:
    """Make a new hidden name beside `path` that `sweep_temp_files` recognises."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")


def fsync_file(path: Path) -> None:
    """Make a file's content durable."""
    _fsync_path(path, os.O_RDONLY)


def fsync_files(paths: Sequence[Path]) -> None:
    """Make the content of many files durable, several at once: ten times as fast as in turn."""
    if len(paths) < 2:
        for path in paths:
            fsync_file(path)
        return
    with ThreadPool(min(SYNCING_THREADS, len(paths)), thread_name_prefix="fsync") as pool:
        for _ in pool.map(fsync_file, paths):
            pass


def fsync_folder(path: Path) -> None:
    """Make the names in a folder durable; a rename is not before this."""
    _fsync_path(path, os.O_RDONLY | os.O_DIRECTORY)


def sweep_temp_files(root: Path) -> int:
    """Remove temp files that killed writers left under `root`; return how many.

    One that cannot be removed, such as another user's, stays.
    """
    swept = 0
    for folder, _, names in os.walk(root):
        for name in names:
            if TEMP_NAME.fullmatch(name):
                with suppress(OSError):
                    Path(folder, name).unlink()
                    swept += 1
    return swept


def storage_failed(path: Path, error: OSError) -> StorageFailed:
    """Make the error for a write that the system refused."""
    if error.errno in FULL:
        return StorageFailed(
            f"The disk is full: {path.name} was not written.",
            hint="Free some space, then try again; what was saved before is safe.",
        )
    return StorageFailed(
        f"{path.name} was not written: {error.strerror or error}.",
        hint="Check that outputs/ and videos/ exist and that this user may write there.",
    )


def _write_new(temp: Path, data: bytes | memoryview, *, durable: bool) -> None:
    with temp.open("xb", buffering=0) as file:
        rest = memoryview(data).cast("B")
        while rest:  # a raw write may write only a part
            rest = rest[file.write(rest) :]
        if durable:
            _fsync(file.fileno(), temp)


def _fsync_path(path: Path, flags: int) -> None:
    with _storage_errors(path):
        descriptor = os.open(path, flags)
        try:
            _fsync(descriptor, path)
        finally:
            os.close(descriptor)


def _fsync(descriptor: int, path: Path) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        # after a failed fsync the kernel drops the dirty pages: a retry would succeed falsely
        if error.errno in FULL:
            raise
        raise FsyncFailed(path.name, error.strerror or str(error)) from error


@contextmanager
def _storage_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise storage_failed(path, error) from error
