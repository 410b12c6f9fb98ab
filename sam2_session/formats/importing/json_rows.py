"""Reads the rows of a large JSON file one at a time, so that they never fill the memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from sam2_session.breaks import Breaks
from sam2_session.core.errors import UnsupportedImport
from sam2_session.formats.importing.json_input import load_json, require_few_containers

LARGE_BYTES = 2 * 1024 * 1024  # smaller files are read as a whole, which holds up other threads
LARGE_IN_ARCHIVE_BYTES = 8 * 1024 * 1024  # each of these keeps a file open
Offsets = npt.NDArray[np.int64]
ValuePath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class IndexedList:
    """Place of a list in a file, from its bracket to after the last one, and of each row."""

    begin: int
    end: int
    starts: Offsets
    ends: Offsets


@dataclass(frozen=True, slots=True)
class RowIndex:
    """The long lists of a JSON file, by the names and places that lead to them; () is the whole.

    ``("annotations", 3, "segmentations")`` is a list within a long row.
    """

    lists: dict[ValuePath, IndexedList] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LargeDocument:
    """A large JSON file, and where its rows lie."""

    path: Path
    index: RowIndex


LargeDocuments = Mapping[str, LargeDocument]  # by path in an archive; "" for a file of its own


class LazyList(list[Any]):
    """Passes as a list where types are checked; can only be iterated, measured and indexed."""

    def __iter__(self) -> Iterator[Any]:
        return (self[at] for at in range(len(self)))


class RowList(LazyList):
    """A list whose rows are parsed from the file each time they are asked for."""

    def __init__(self, file: _IndexedFile, path: ValuePath) -> None:
        super().__init__()
        self._file = file
        self._path = path
        self._place = file.lists[path]
        self._breaks = Breaks()

    def __len__(self) -> int:
        return len(self._place.starts)

    def __getitem__(self, at: Any) -> Any:
        self._breaks.take_if_due()
        span = (int(self._place.starts[at]), int(self._place.ends[at]))
        return self._file.value((*self._path, at), span, _parse_row)


@dataclass(frozen=True, slots=True)
class _IndexedFile:
    """An open file, its long lists, and for each row that holds long lists which these are."""

    descriptor: int
    lists: Mapping[ValuePath, IndexedList]
    inside: Mapping[ValuePath, Sequence[ValuePath]]

    def value(self, path: ValuePath, span: tuple[int, int], parse: Callable[[bytes], Any]) -> Any:
        """Parse the value of a span of bytes; long lists in it read their rows when asked."""
        inside = self.inside.get(path, ())
        if path in inside:
            return RowList(self, path)
        text, at = bytearray(), span[0]
        for inner in inside:
            text += self._read(at, self.lists[inner].begin) + b"[]"
            at = self.lists[inner].end
        text += self._read(at, span[1])
        document = parse(bytes(text))
        for inner in inside:
            *names, last = inner[len(path) :]
            holder = document
            for name in names:
                holder = holder[name]
            holder[last] = RowList(self, inner)
        return document

    def _read(self, start: int, end: int) -> bytes:
        return os.pread(self.descriptor, end - start, start)


@contextmanager
def open_document(large: LargeDocument) -> Iterator[Any]:
    """Open a JSON file; its long lists read their rows while the context is open.

    Raises `UnsupportedImport` or `TooLarge`, like `load_json`.
    """
    lists = large.index.lists
    inside: dict[ValuePath, list[ValuePath]] = {}
    for path in sorted(lists, key=lambda path: lists[path].begin):
        inside.setdefault(_row_with(path, lists), []).append(path)
    with large.path.open("rb") as file:
        opened = _IndexedFile(file.fileno(), lists, inside)
        yield opened.value((), (0, large.path.stat().st_size), load_json)


def _row_with(path: ValuePath, lists: Mapping[ValuePath, IndexedList]) -> ValuePath:
    """Return the path of the row that holds a long list; () if no other list is around it."""
    ends = (end for end in range(len(path), 0, -1) if path[: end - 1] in lists)
    return path[: next(ends, 0)]


def _parse_row(data: bytes) -> Any:
    require_few_containers(data)
    try:
        return orjson.loads(data)
    except ValueError as error:  # it has changed since it was indexed
        raise UnsupportedImport(f"The file is no JSON: {error}.") from error
