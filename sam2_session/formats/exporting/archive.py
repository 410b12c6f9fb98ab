"""A ZIP written entry after entry, the same bytes for the same content."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

FAST = 1  # zlib's level: masks shrink a hundredfold at any


class Archive:
    """Holds nothing of what was written but each entry's place (half a kilobyte)."""

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
        with suppress(OSError):  # its end need not be written, and on a full disk cannot be
            self._zip.close()

    def add(self, name: str, data: bytes, *, packed: bool = False) -> None:
        """Write an entry at once; what is `packed` already (PNG, JPEG) is stored as it is."""
        kind = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        self._zip.writestr(_entry(name, kind), data)

    def add_json(self, name: str, value: Any) -> None:
        """Write a small JSON document."""
        self.add(name, json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1).encode())

    def add_file(self, name: str, path: Path) -> None:
        """Write what lies in a file."""
        with path.open("rb") as source, self.stream(name) as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)

    @contextmanager
    def stream(self, name: str, *, packed: bool = False) -> Iterator[IO[bytes]]:
        """An entry that is written piece by piece, of any length."""
        kind = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        with self._zip.open(_entry(name, kind), "w", force_zip64=True) as file:
            yield file


def _entry(name: str, kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = kind
    entry.external_attr = 0o644 << 16
    return entry
