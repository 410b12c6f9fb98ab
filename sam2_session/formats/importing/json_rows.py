"""Reads the rows of a large JSON file one at a time, so that they never fill the memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
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


@dataclass(frozen=True, slots=True)
class IndexedList:
    """Place of a list in a file, from its bracket to after the last one, and of each row."""

    begin: int
    end: int
    starts: Offsets
    ends: Offsets


@dataclass(frozen=True, slots=True)
class RowIndex:
    """The long lists of a JSON file, by their name in the outermost object; "" if it is a list."""

    lists: dict[str, IndexedList] = field(default_factory=dict)


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

    def __init__(self, descriptor: int, place: IndexedList) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._place = place
        self._breaks = Breaks()

    def __len__(self) -> int:
        return len(self._place.starts)

    def __getitem__(self, at: Any) -> Any:
        self._breaks.take_if_due()
        start, end = int(self._place.starts[at]), int(self._place.ends[at])
        data = os.pread(self._descriptor, end - start, start)
        require_few_containers(data)
        try:
            return orjson.loads(data)
        except ValueError as error:  # it has changed since it was indexed
            raise UnsupportedImport(f"The file is no JSON: {error}.") from error


@contextmanager
def open_document(large: LargeDocument) -> Iterator[Any]:
    """Open a JSON file; its long lists read their rows while the context is open.

    Raises `UnsupportedImport` or `TooLarge`, like `load_json`.
    """
    path, index = large.path, large.index
    with path.open("rb") as file:
        descriptor = file.fileno()
        if "" in index.lists:
            yield RowList(descriptor, index.lists[""])
            return
        skeleton, at = bytearray(), 0
        for place in sorted(index.lists.values(), key=lambda place: place.begin):
            skeleton += os.pread(descriptor, place.begin - at, at) + b"[]"
            at = place.end
        skeleton += os.pread(descriptor, path.stat().st_size - at, at)
        document = load_json(bytes(skeleton))
        for name, place in index.lists.items():
            document[name] = RowList(descriptor, place)
        yield document
