"""Writes a ZIP entry by entry; the same content always gives the same bytes."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

IS_FOLDER = 0x10  # of MS-DOS
FAST = 1  # zlib level: masks shrink a hundredfold at any level


class Archive:
    """A ZIP being written; keeps only its directory in memory, half a kilobyte per entry."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST)

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._zip.close()
            return
        with suppress(OSError):  # the ZIP is thrown away; on a full disk its end cannot be written
            self._zip.close()

    def add(self, name: str, data: bytes, *, packed: bool = False) -> None:
        """Write a whole entry; `packed` data (PNG, JPEG) is stored without compression."""
        kind = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        self._zip.writestr(_entry(name, kind), data)

    def add_json(self, name: str, value: Any) -> None:
        """Write a small JSON document as an entry."""
        self.add(name, json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1).encode())

    def add_file(self, name: str, path: Path) -> None:
        """Copy a file into an entry."""
        with path.open("rb") as source, self.stream(name) as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)

    def add_folder(self, name: str) -> None:
        """Write an empty folder."""
        entry = _entry(f"{name}/", zipfile.ZIP_STORED)
        entry.external_attr = (stat.S_IFDIR | 0o755) << 16 | IS_FOLDER
        self._zip.writestr(entry, b"")

    @contextmanager
    def stream(self, name: str, *, packed: bool = False) -> Iterator[IO[bytes]]:
        """Open an entry of any length, to be written piece by piece."""
        kind = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        with self._zip.open(_entry(name, kind), "w", force_zip64=True) as file:
            yield file


def _entry(name: str, kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = kind
    entry.external_attr = 0o644 << 16
    return entry
