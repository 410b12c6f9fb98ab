"""Packs folders for sending, hashes files, and writes received files whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sam2_session.core.errors import StorageFailed

CHUNK_BYTES = 1 << 20
SAME_DATE = (1980, 1, 1, 0, 0, 0)  # the same folder gives the same ZIP, byte for byte


@contextmanager
def packed(path: Path) -> Iterator[Path]:
    """Give a file as it is, and a folder as a ZIP that exists until the end of the block."""
    if not path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="sam2-session-") as folder:
        target = Path(folder) / f"{path.resolve().name}.zip"
        _write_zip(path, target)
        yield target


def _write_zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), SAME_DATE)
                with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as file:
                    shutil.copyfileobj(source, file, CHUNK_BYTES)


def sha256_of(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def written_whole(target: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `target` at the end of the block, unless it fails.

    Raises `StorageFailed`.
    """
    unfinished = target.with_name(f".{target.name}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(target)
    except OSError as error:
        raise StorageFailed(
            f"{target} cannot be written: {error.strerror}.", hint="Choose another place."
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


def write_whole(target: Path, data: bytes) -> Path:
    """Write a file whole or not at all; returns it. Raises `StorageFailed`."""
    with written_whole(target) as file:
        file.write(data)
    return target
