"""Finds the rows of large JSON files; runs in a decoder process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from sam2_session.core.errors import UnsupportedImport
from sam2_session.formats.importing.json_input import (
    MAX_HAND_MADE_BYTES,
    MAX_JSON_BYTES,
    require_names_once,
    require_utf_8,
    too_large,
)

LONG_BYTES = 1024 * 1024  # of a list; shorter ones are read as a whole
LEAST_ROW_BYTES = 128  # of a row on average; a list of smaller ones is read as a whole
ROWS_PER_MESSAGE = 10_000
MOST_NESTED = 8  # of long lists and objects within each other that are looked into
SPACE = b" \t\r\n"
Message = dict[str, Any]


def find_rows(path: Path) -> Iterator[Message]:
    """Yield the rows of the long lists of a JSON file, as offsets; also of lists in long rows.

    Yields nothing for a file that does not begin like JSON. Raises `UnsupportedImport`, `TooLarge`.
    """
    size = path.stat().st_size
    if size > MAX_JSON_BYTES:
        raise too_large()
    data = path.read_bytes()
    require_utf_8(data)
    begun = data.removeprefix(b"\xef\xbb\xbf").lstrip(SPACE)
    if begun[:1] not in (b"{", b"["):
        return
    if size <= MAX_HAND_MADE_BYTES:
        require_names_once(data)
    text = memoryview(data)[len(data) - len(begun) :]
    try:
        yield from _lists_in([], text, data)
    except msgspec.MsgspecError as error:
        raise UnsupportedImport(
            f"The file is no JSON: {error}.", hint="It may have been cut short; export it again."
        ) from error


def _lists_in(path: list[str | int], text: memoryview, data: bytes) -> Iterator[Message]:
    """Yield the long lists of a value, which may be one; `path` leads to it."""
    first = text[0] if text else 0
    if first == ord("["):
        yield from _rows(path, text, data)
    elif first == ord("{"):
        for name, value in msgspec.json.decode(text, type=dict[str, msgspec.Raw]).items():
            yield from _lists_in_long([*path, name], memoryview(value), data)


def _lists_in_long(path: list[str | int], text: memoryview, data: bytes) -> Iterator[Message]:
    if len(text) >= LONG_BYTES and len(path) <= MOST_NESTED:
        yield from _lists_in(path, text, data)


def _rows(path: list[str | int], text: memoryview, data: bytes) -> Iterator[Message]:
    first = _address(memoryview(data))
    begin = _address(text) - first
    head: Message = {"list": path, "begin": begin, "until": begin + len(text)}
    rows = msgspec.json.decode(text, type=list[msgspec.Raw])
    if len(text) < LEAST_ROW_BYTES * len(rows):
        return
    yield {**head, "starts": [], "ends": []}
    for at in range(0, len(rows), ROWS_PER_MESSAGE):
        views = [memoryview(row) for row in rows[at : at + ROWS_PER_MESSAGE]]
        starts = [_address(view) - first for view in views]
        ends = [start + len(view) for start, view in zip(starts, views, strict=True)]
        yield {**head, "starts": starts, "ends": ends}
    for at, row in enumerate(rows):
        yield from _lists_in_long([*path, at], memoryview(row), data)


def _address(view: memoryview) -> int:
    address: int = np.frombuffer(view, np.uint8).__array_interface__["data"][0]
    return address
