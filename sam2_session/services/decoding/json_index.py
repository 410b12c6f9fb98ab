"""Finds the rows of large JSON files in a process of its own, so that no request waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from sam2_session.core.errors import StorageFailed, TooLarge, UnsupportedImport, UnsupportedVideo
from sam2_session.formats.format_detection import document_paths
from sam2_session.formats.importing.file_tree import FileTree, FolderTree, is_zip, open_zip
from sam2_session.formats.importing.json_input import MAX_JSON_BYTES
from sam2_session.formats.importing.json_rows import (
    LARGE_BYTES,
    LARGE_IN_ARCHIVE_BYTES,
    IndexedList,
    LargeDocument,
    LargeDocuments,
    RowIndex,
    ValuePath,
)
from sam2_session.services.decoding.decoders import AWAITED, Decoders
from sam2_session.storage.atomic import storage_failed, temp_path
from sam2_session.storage.extraction import require_space

MOST_UNPACKED = 4 * MAX_JSON_BYTES
WAY_OUT = "Export fewer tasks at once."

Message = dict[str, Any]


@contextmanager
def large_documents(decoders: Decoders, path: Path, folder: Path) -> Iterator[LargeDocuments]:
    """Find the rows of each large JSON document of a file; those of an archive by their paths.

    Documents of an archive are unpacked to `folder` while the context is open. Raises
    `UnsupportedImport`, or `TooLarge`.
    """
    with ExitStack() as files:
        if path.is_dir():
            yield _unpacked(decoders, FolderTree(path), folder, files)
        elif is_zip(path):
            yield _unpacked(decoders, files.enter_context(open_zip(path)), folder, files)
        else:
            index = _index_rows(decoders, path)
            yield {} if index is None else {"": LargeDocument(path, index)}


def _unpacked(decoders: Decoders, tree: FileTree, folder: Path, files: ExitStack) -> LargeDocuments:
    paths = [path for path in document_paths(tree) if tree.size(path) >= LARGE_IN_ARCHIVE_BYTES]
    unpacked_bytes = sum(map(tree.size, paths))
    if unpacked_bytes > MOST_UNPACKED:
        raise TooLarge(f"The JSON files are over {MOST_UNPACKED} bytes.", hint=WAY_OUT)
    if paths and unpacked_bytes > require_space(folder):
        raise StorageFailed(
            f"The disk has no room for {unpacked_bytes} bytes of JSON.", hint="Free some space."
        )
    found = {}
    for path in paths:
        unpacked = temp_path(folder / "document.json")
        files.callback(unpacked.unlink, missing_ok=True)
        _write(unpacked, tree.pieces(path))
        if (index := _index_rows(decoders, unpacked)) is not None:
            found[path] = LargeDocument(unpacked, index)
    return found


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    """Write a file that need not outlive a crash. Raises `StorageFailed`."""
    try:
        with path.open("wb") as file:
            for piece in pieces:
                file.write(piece)
    except OSError as error:
        raise storage_failed(path, error) from error


def _index_rows(decoders: Decoders, path: Path) -> RowIndex | None:
    """Find the rows of a large JSON file; None for a small one, or another kind of file."""
    if path.stat().st_size < LARGE_BYTES:
        return None
    request = {"do": "json_rows", "source": str(path), "name": path.name}
    try:
        with decoders.open(AWAITED) as decoder:
            messages = [message for message in decoder.ask(request, path) if message]
    except UnsupportedVideo as error:
        raise UnsupportedImport(
            f"The file could not be read: {error.message}", hint=WAY_OUT
        ) from error
    rows = [message for message in messages if "list" in message]
    return joined(rows) if rows else None


def joined(messages: list[Message]) -> RowIndex:
    """Join the messages of `find_rows`."""
    places: dict[ValuePath, list[Message]] = {}
    for message in messages:
        places.setdefault(tuple(message["list"]), []).append(message)
    return RowIndex({path: _list_of(found) for path, found in places.items()})


def _list_of(messages: list[Message]) -> IndexedList:
    head = messages[0]
    starts, ends = (
        np.concatenate([np.array(message[side], np.int64) for message in messages])
        for side in ("starts", "ends")
    )
    return IndexedList(head["begin"], head["until"], starts, ends)
