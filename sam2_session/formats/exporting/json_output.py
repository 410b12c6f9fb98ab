"""Writes long JSON documents piece by piece."""

from __future__ import annotations

import json
from typing import IO, Any


def put(file: IO[bytes], *parts: Any) -> None:
    """Write strings unchanged and anything else as JSON."""
    for part in parts:
        text = part if isinstance(part, str) else json.dumps(part, ensure_ascii=False)
        file.write(text.encode())


class JsonList:
    """Writes the items of a list with commas between them; the caller writes the brackets."""

    def __init__(self, file: IO[bytes], between: str = ",\n") -> None:
        self._file = file
        self._between = between
        self._begun = False

    def next(self) -> None:
        """Write the comma before an item that the caller then writes in pieces."""
        if self._begun:
            put(self._file, self._between)
        self._begun = True

    def add(self, item: Any) -> None:
        """Write a whole item."""
        self.next()
        self._file.write(json.dumps(item, ensure_ascii=False).encode())
