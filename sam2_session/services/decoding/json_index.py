"""Finds the rows of large JSON files in a process of its own: one parse holds up nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sam2_session.core.errors import UnsupportedImport, UnsupportedVideo
from sam2_session.formats.importing.file_tree import is_zip
from sam2_session.formats.importing.json_rows import LARGE_BYTES, IndexedList, RowIndex
from sam2_session.services.decoding.decoders import AWAITED, Decoders

Message = dict[str, Any]


def index_rows(decoders: Decoders, path: Path) -> RowIndex | None:
    """Find the rows of a large JSON file; None for a small one, or another kind of file.

    Raises `UnsupportedImport`, or `TooLarge`.
    """
    if path.is_dir() or path.stat().st_size < LARGE_BYTES or is_zip(path):
        return None
    request = {"do": "json_rows", "source": str(path), "name": path.name}
    try:
        with decoders.open(AWAITED) as decoder:
            messages = [message for message in decoder.ask(request, path) if message]
    except UnsupportedVideo as error:
        raise UnsupportedImport(
            f"The file could not be read: {error.message}", hint="Export fewer tasks at once."
        ) from error
    rows = [message for message in messages if "list" in message]
    return joined(rows) if rows else None


def joined(messages: list[Message]) -> RowIndex:
    """Join the messages of `find_rows`."""
    places: dict[str, list[Message]] = {}
    for message in messages:
        places.setdefault(message["list"], []).append(message)
    return RowIndex({name: _list_of(found) for name, found in places.items()})


def _list_of(messages: list[Message]) -> IndexedList:
    head = messages[0]
    starts, ends = (
        np.concatenate([np.array(message[side], np.int64) for message in messages])
        for side in ("starts", "ends")
    )
    return IndexedList(head["begin"], head["until"], starts, ends)
