"""Puts the parts of a websocket message together, and drops one that is too large."""

from __future__ import annotations

import re
from typing import Any

TOO_LARGE = "too_large"  # stands for an event that was dropped for its size
DROPPED = b"dropped: too large"  # stands for an attachment that was
KEPT_CHARS = 64  # of a message that is dropped: enough to answer it
MAX_DROPPED = 64  # times the limit; a message that goes on beyond that never ends
# Engine.IO message 4, Socket.IO event 2 or 5 with the number of its attachments, its id
EVENT_HEAD = re.compile(r"4(?:2|5[0-9]{1,9}-)[0-9]{0,99}(?=\[)")


class IncomingMessage:
    """The message whose parts come in."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._parts: list[Any] = []  # all text, or all bytes
        self._size = 0
        self.is_endless = False  # the connection can only be ended

    def add(self, part: str | bytes | bytearray, *, is_last: bool) -> str | bytes | None:
        """Add a part; return the whole message with its last one, else None.

        In the place of a message that is too large comes a short one of its kind.
        """
        kept = part if self._size <= self._max_bytes else part[:0]
        self._size += len(part)
        self._parts.append(kept)
        if self._size > self._max_bytes:
            self._parts = [_joined(self._parts)[:KEPT_CHARS]]
            self.is_endless = self._size > self._max_bytes * MAX_DROPPED
        if not is_last:
            return None
        whole, size = _joined(self._parts), self._size
        self._parts, self._size = [], 0
        return whole if size <= self._max_bytes else instead_of(whole)


def instead_of(head: str | bytes) -> str | bytes:
    """Make what stands for a dropped message, from its head: the same kind, with the same id."""
    if isinstance(head, bytes):
        return DROPPED
    found = EVENT_HEAD.match(head)
    return f'{found[0] if found else "42"}["{TOO_LARGE}"]'


def _joined(parts: list[Any]) -> Any:
    return ("" if isinstance(parts[0], str) else b"").join(parts)
