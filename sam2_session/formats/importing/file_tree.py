"""Opens a ZIP or a folder as a tree of files; a ZIP is checked before anything is unpacked."""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

from sam2_session.core.errors import TooLarge, UnsupportedImport
from sam2_session.formats.importing.plan import safe_text

MAX_FILES = 200_000
MAX_PATH_CHARS = 1000
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_TOTAL_BYTES = 256 * 1024**3
BOMB_BYTES = 100 * 1024 * 1024  # below this, no compression ratio is suspicious
BOMB_RATIO = 200
PIECE_BYTES = 1024 * 1024
UNCHECKED = ".npy"  # masks as bytes shrink a thousandfold; no more than a frame of each is read
ENCRYPTED = 0x1
UNSIGNED = re.compile(r"([0-9]+)")
NEGATIVE = re.compile(r"(?<![^\W_])-[0-9]")
SIGNED = re.compile(r"((?:(?<![^\W_])-)?[0-9]+)")
NOISE = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"})  # by file managers
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError,
    struct.error, ValueError,
)  # fmt: skip


class FileTree(Protocol):
    """Files named by their path, with ``/`` between folders, in natural order."""

    @property
    def paths(self) -> Sequence[str]: ...

    def read(self, path: str, most: int = MAX_FILE_BYTES) -> bytes:
        """Read at most the first `most` bytes of a file. Raises `UnsupportedImport`."""
        ...

    def size(self, path: str) -> int: ...

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the content of a file piece by piece. Raises `UnsupportedImport`."""
        ...


class ZipTree:
    """The files of a ZIP. Raises `UnsupportedImport` or `TooLarge` for a dangerous one."""

    def __init__(self, archive: zipfile.ZipFile, archive_bytes: int) -> None:
        self._archive = archive
        entries = archive.infolist()
        _refuse_bombs(entries, archive_bytes)
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            path = _safe_path(entry)
            if path in self._entries:
                raise _unsafe(path, "is there twice")
            if not entry.is_dir() and not _is_noise(path):
                self._entries[path] = entry
        self.paths: Sequence[str] = natural_order(self._entries)

    def read(self, path: str, most: int = MAX_FILE_BYTES) -> bytes:
        try:
            with self._archive.open(self._entries[path]) as file:
                return file.read(most)
        except UNREADABLE as error:
            raise _broken(path) from error

    def size(self, path: str) -> int:
        return self._entries[path].file_size

    def pieces(self, path: str) -> Iterator[bytes]:
        try:
            with self._archive.open(self._entries[path]) as file:
                yield from iter(partial(file.read, PIECE_BYTES), b"")
        except UNREADABLE as error:
            raise _broken(path) from error


class FolderTree:
    """The files below a folder; symbolic links are left out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found: list[str] = []
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not _hidden(name)]
            for name in names:
                path = Path(parent, name)
                plain = stat.S_ISREG(path.lstat().st_mode) and name.isprintable()
                if plain and not _hidden(name):
                    found.append(path.relative_to(folder).as_posix())
            if len(found) > MAX_FILES:
                raise _too_many()
        self.paths: Sequence[str] = natural_order(found)

    def read(self, path: str, most: int = MAX_FILE_BYTES) -> bytes:
        try:
            with (self._folder / path).open("rb") as file:
                return file.read(most)
        except OSError as error:
            raise UnsupportedImport(f"{safe_text(path)} cannot be read.") from error

    def size(self, path: str) -> int:
        return (self._folder / path).stat().st_size

    def pieces(self, path: str) -> Iterator[bytes]:
        return _pieces_of(self._folder / path, path)


class OneFile:
    """A file on its own, as a tree of one."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self.paths: Sequence[str] = [name]

    def read(self, path: str, most: int = MAX_FILE_BYTES) -> bytes:
        try:
            with self._path.open("rb") as file:
                return file.read(most)
        except OSError as error:
            raise UnsupportedImport(f"{safe_text(path)} cannot be read.") from error

    def size(self, path: str) -> int:
        return self._path.stat().st_size

    def pieces(self, path: str) -> Iterator[bytes]:
        return _pieces_of(self._path, path)


def _pieces_of(file: Path, path: str) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            yield from iter(partial(opened.read, PIECE_BYTES), b"")
    except OSError as error:
        raise UnsupportedImport(f"{safe_text(path)} cannot be read.") from error


def _broken(path: str) -> UnsupportedImport:
    return UnsupportedImport(f"{safe_text(path)} in the ZIP is broken.", hint="Make the ZIP again.")


@contextmanager
def open_zip(path: Path) -> Iterator[ZipTree]:
    """Open a ZIP as a file tree. Raises `UnsupportedImport` or `TooLarge`."""
    try:
        archive = zipfile.ZipFile(path)
    except UNREADABLE as error:
        raise UnsupportedImport(
            "The ZIP is broken or cut short.", hint="Make it again, then send it again."
        ) from error
    with archive:
        yield ZipTree(archive, path.stat().st_size)


def is_zip(path: Path) -> bool:
    """Return whether a file starts with the signature of a ZIP."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def natural_order(paths: Iterator[str] | Sequence[str] | dict[str, zipfile.ZipInfo]) -> list[str]:
    """Sort paths as people expect: ``frame2`` before ``frame10``, and ``-2`` before ``-1``.

    A dash is a sign only if other paths are the same but for a number without one.
    """
    listed = list(paths)
    signed = {SIGNED.sub("#", path) for path in listed if NEGATIVE.search(path)}
    has_signs = any(
        not NEGATIVE.search(path) and SIGNED.sub("#", path) in signed for path in listed
    )
    return sorted(listed, key=partial(natural_key, number=SIGNED if has_signs else UNSIGNED))


def natural_key(
    path: str, number: re.Pattern[str] = UNSIGNED
) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key: numbers by value, letters ignoring case, then the path itself."""
    parts = number.split(path)
    key = [
        (0, int(part[:18]), "") if number.fullmatch(part) else (1, 0, part.casefold())
        for part in parts
        if part
    ]
    return key, path


def _refuse_bombs(entries: Sequence[zipfile.ZipInfo], archive_bytes: int) -> None:
    if len(entries) > MAX_FILES:
        raise _too_many()
    total = sum(entry.file_size for entry in entries)
    suspects = [entry for entry in entries if not entry.filename.endswith(UNCHECKED)]
    unpacked = sum(entry.file_size for entry in suspects)
    unpacked_from = sum(entry.compress_size for entry in suspects)
    packed = sum(entry.compress_size for entry in entries)
    if packed > archive_bytes:
        raise TooLarge(
            "The ZIP's entries overlap: it unpacks to more than it holds.",
            hint="Make the ZIP again from plain files.",
        )
    if total > MAX_TOTAL_BYTES or (
        unpacked > BOMB_BYTES and unpacked > BOMB_RATIO * max(unpacked_from, 1)
    ):
        raise TooLarge(
            f"The ZIP of {archive_bytes} bytes would unpack to {total}.",
            hint="Pack the pictures as they are (PNG, JPEG), in parts if they are many.",
        )


def _safe_path(entry: zipfile.ZipInfo) -> str:
    path = entry.filename.replace("\\", "/")
    parts = path.rstrip("/").split("/")
    if path.startswith("/") or ".." in parts or (len(path) > 1 and path[1] == ":"):
        raise _unsafe(path, "leads out of the ZIP")
    if not path.isprintable() or len(path) > MAX_PATH_CHARS:
        raise _unsafe(path, "is no proper name")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _unsafe(path, "is a link")
    if entry.flag_bits & ENCRYPTED:
        raise UnsupportedImport("The ZIP is encrypted.", hint="Make one without a password.")
    return "/".join(part for part in parts if part not in ("", "."))


def _unsafe(path: str, problem: str) -> UnsupportedImport:
    return UnsupportedImport(
        f"{safe_text(path, 80)!r} in the ZIP {problem}; nothing of it was read.",
        hint="Make the ZIP again from plain files in plain folders.",
    )


def _too_many() -> TooLarge:
    return TooLarge(f"There are more than {MAX_FILES} files.", hint="Import them in parts.")


def _is_noise(path: str) -> bool:
    return any(part in NOISE or part.startswith("._") for part in path.split("/"))


def _hidden(name: str) -> bool:
    return name.startswith(".") or name in NOISE
