"""Holds the JSON documents of an archive, parsed when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sam2_session.formats.importing.file_tree import FileTree
from sam2_session.formats.importing.json_input import load_json
from sam2_session.formats.importing.json_rows import LazyList

KEPT_BYTES = 16 * 1024 * 1024  # of documents that all stay parsed; of more, only the last does
Opened = Mapping[str, Any]  # large documents by path, whose rows are read one at a time


class Documents(Mapping[str, Any]):
    """Documents by their path in an archive, in its order."""

    def __init__(self, tree: FileTree, paths: Sequence[str], opened: Opened) -> None:
        self._tree = tree
        self._paths = dict.fromkeys(paths)
        self._opened = opened
        self._parsed: dict[str, Any] = {}
        self._keeps_all = sum(tree.size(path) for path in paths) <= KEPT_BYTES

    def __len__(self) -> int:
        return len(self._paths)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __getitem__(self, path: str) -> Any:
        if path not in self._paths:
            raise KeyError(path)
        if path in self._opened:
            return self._opened[path]
        if path not in self._parsed:
            document = load_json(self._tree.read(path), path)
            if not self._keeps_all:
                self._parsed.clear()
            self._parsed[path] = document
        return self._parsed[path]

    def only(self, paths: Sequence[str]) -> Documents:
        """Return those of some paths."""
        chosen = Documents(self._tree, paths, self._opened)
        chosen._parsed, chosen._keeps_all = self._parsed, self._keeps_all
        return chosen


class DocumentRows(LazyList):
    """The rows of several documents, each a list of rows or one row, as one list."""

    def __init__(self, documents: Documents) -> None:
        super().__init__()
        self._documents = documents
        self._places: list[tuple[str, int | None]] = []
        for path, document in documents.items():
            whole = isinstance(document, list)
            rows = range(len(document)) if whole else (None,)
            self._places += [(path, at) for at in rows]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, at: Any) -> Any:
        path, row = self._places[at]
        document = self._documents[path]
        return document if row is None else document[row]
