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
SPACE = b" \t\r\n"
Message = dict[str, Any]


def find_rows(path: Path) -> Iterator[Message]:
    """Yield the rows of the long lists of a JSON file, as offsets.

    Yields nothing for a file that does not begin like JSON. Raises `UnsupportedImport`, `TooLarge`.
    """
    size = path.stat().st_size
    if size > MAX_JSON_BYTES:
        raise too_large()
    data = path.read_bytes()
    require_utf_8(data)
    kind = data.removeprefix(b"\xef\xbb\xbf").lstrip(SPACE)[:1]
    if kind not in (b"{", b"["):
        return
    if size <= MAX_HAND_MADE_BYTES:
        require_names_once(data)
    text = memoryview(data)[3 if data.startswith(b"\xef\xbb\xbf") else 0 :]
    try:
        if kind == b"[":
            yield from _rows("", text, data)
            return
        for name, value in msgspec.json.decode(text, type=dict[str, msgspec.Raw]).items():
            raw = memoryview(value)
            if len(raw) >= LONG_BYTES and bytes(raw[:1]) == b"[":
                yield from _rows(name, raw, data)
    except msgspec.MsgspecError as error:
        raise UnsupportedImport(
            f"The file is no JSON: {error}.", hint="It may have been cut short; export it again."
        ) from error


def _rows(name: str, text: memoryview, data: bytes) -> Iterator[Message]:
    first = _address(memoryview(data))
    begin = _address(text) - first
    head: Message = {"list": name, "begin": begin, "until": begin + len(text)}
    rows = msgspec.json.decode(text, type=list[msgspec.Raw])
    if len(text) < LEAST_ROW_BYTES * len(rows):
        return
    yield {**head, "starts": [], "ends": []}
    for at in range(0, len(rows), ROWS_PER_MESSAGE):
        views = [memoryview(row) for row in rows[at : at + ROWS_PER_MESSAGE]]
        starts = [_address(view) - first for view in views]
        ends = [start + len(view) for start, view in zip(starts, views, strict=True)]
        yield {**head, "starts": starts, "ends": ends}


def _address(view: memoryview) -> int:
    address: int = np.frombuffer(view, np.uint8).__array_interface__["data"][0]
    return address
