"""Revision counter, and the log of accepted commands."""

from __future__ import annotations

import json
from typing import Any

import orjson

from sam2_session.storage.database import Transaction


def next_rev(tx: Transaction) -> int:
    """Take the video's next revision; one counter serves everything that changes."""
    return _count_up(tx, "rev")


def next_run(tx: Transaction) -> int:
    """Take the number of a new propagation run."""
    return _count_up(tx, "run")


def current_rev(tx: Transaction) -> int:
    """Read the newest revision."""
    row = tx.execute("SELECT value FROM meta WHERE name = 'rev'").fetchone()
    return int(row[0])


def find_op(tx: Transaction, client_id: str, seq: int) -> dict[str, Any] | None:
    """Find the stored answer to a command that a client repeats; None for a new one."""
    row = tx.execute(
        "SELECT answer FROM ops WHERE client_id = ? AND seq = ?", (client_id, seq)
    ).fetchone()
    return None if row is None else orjson.loads(row[0])


def add_op(
    tx: Transaction, rev: int, client: tuple[str, int], kind: str, body: Any, answer: Any
) -> None:
    """Log an accepted command; `client` is (client_id, seq)."""
    tx.execute(
        "INSERT INTO ops VALUES (?, ?, ?, ?, ?, ?)",
        (rev, *client, kind, json.dumps(body, default=_size_only), orjson.dumps(answer).decode()),
    )


def last_seq(tx: Transaction, client_id: str) -> int:
    """Read the number of a client's newest command; 0 if it never sent one."""
    row = tx.execute("SELECT max(seq) FROM ops WHERE client_id = ?", (client_id,)).fetchone()
    return int(row[0] or 0)


def _count_up(tx: Transaction, name: str) -> int:
    row = tx.execute(
        "UPDATE meta SET value = value + 1 WHERE name = ? RETURNING value", (name,)
    ).fetchone()
    return int(row[0])


def _size_only(value: object) -> Any:
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    raise TypeError(type(value).__name__)
