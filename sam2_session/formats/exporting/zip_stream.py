"""Writes a ZIP piece by piece, for a reader that gets each piece at once."""

from __future__ import annotations

import zipfile
from collections.abc import Generator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

FAST = 1  # zlib level
CHUNK_BYTES = 1024 * 1024
PACKED = frozenset({".png", ".jpg", ".mp4", ".zip", ".npz"})  # have their own compression


class ZipStream:
    """A ZIP whose bytes are taken away while it is written."""

    def __init__(self) -> None:
        self._pieces = _Pieces()
        # zipfile writes sizes behind each entry, as these pieces can neither `seek` nor `tell`
        self.file = zipfile.ZipFile(cast(IO[bytes], self._pieces), "w", zipfile.ZIP_STORED)

    def take(self) -> bytes:
        """Return the bytes written since the last call."""
        return self._pieces.take()

    def entry(self, name: str, *, packed: bool) -> IO[bytes]:
        """Open an entry to write to; `packed` data is stored without compression."""
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        entry: IO[bytes] = self.file.open(info, "w", force_zip64=True)
        return entry

    def end(self) -> bytes:
        """Write the directory; return the last bytes."""
        self.file.close()
        return self.take()


def zip_of_files(files: Iterable[tuple[str, Path]]) -> Generator[bytes, None, None]:
    """Write a ZIP of files under these names; one that is gone by then is left out."""
    archive = ZipStream()
    for name, path in files:
        with suppress(FileNotFoundError), path.open("rb") as source:
            with archive.entry(name, packed=path.suffix in PACKED) as entry:
                while chunk := source.read(CHUNK_BYTES):
                    entry.write(chunk)
                    yield archive.take()
            yield archive.take()
    yield archive.end()


class _Pieces:
    """Collects what is written."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: everything is there already."""

    def take(self) -> bytes:
        taken, self._written = bytes(self._written), bytearray()
        return taken
