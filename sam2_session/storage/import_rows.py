"""Imports, as the log of accepted commands keeps them: what came in, and how it is taken back."""

from __future__ import annotations

import json
from typing import Any

from sam2_session.storage.database import Transaction
from sam2_session.storage.op_rows import add_op

CLIENT = ""  # no client has this name
IMPORT, UNDO = "import", "undo_import"


def newest_history_id(tx: Transaction) -> int:
    """The id of the newest step that can be undone; what an import adds lies behind it."""
    row = tx.execute("SELECT max(history_id) FROM history").fetchone()
    return int(row[0] or 0)


def next_instance_is(tx: Transaction, instance_id: int) -> None:
    """The next instance gets this id, if neither it nor a larger one was ever used."""
    tx.execute(
        "UPDATE sqlite_sequence SET seq = ? WHERE name = 'instances' AND seq < ?",
        (instance_id - 1, instance_id - 1),
    )


def save_import(tx: Transaction, rev: int, record: dict[str, Any]) -> None:
    """Log an import; `record` holds its ``import_id``."""
    add_op(tx, rev, (CLIENT, rev), IMPORT, record, {})


def save_undo(tx: Transaction, rev: int, import_id: str) -> None:
    """Log that an import was taken back."""
    add_op(tx, rev, (CLIENT, rev), UNDO, {"import_id": import_id}, {})


def list_imports(tx: Transaction) -> list[dict[str, Any]]:
    """Every import of a video, oldest first, with its ``rev`` and whether it was ``undone``."""
    rows = tx.execute(
        "SELECT rev, kind, body FROM ops WHERE client_id = ? AND kind IN (?, ?) ORDER BY rev",
        (CLIENT, IMPORT, UNDO),
    ).fetchall()
    undone = {json.loads(body)["import_id"] for _, kind, body in rows if kind == UNDO}
    found = [{**json.loads(body), "rev": rev} for rev, kind, body in rows if kind == IMPORT]
    return [{**one, "undone": one["import_id"] in undone} for one in found]


def steps_between(
    tx: Transaction, first: int, last: int
) -> list[tuple[int, int, str | None, int, bool]]:
    """Steps of an import that are still done: (id, instance, region, frame, is newest there)."""
    rows = tx.execute(
        "SELECT history_id, instance_id, region, frame_idx, NOT EXISTS (SELECT 1 FROM history AS"
        " later WHERE later.instance_id = history.instance_id AND later.region IS history.region"
        " AND later.frame_idx = history.frame_idx AND NOT later.undone"
        " AND later.history_id > history.history_id)"
        " FROM history WHERE history_id BETWEEN ? AND ? AND NOT undone ORDER BY history_id",
        (first, last),
    )
    return [(n, instance, region, idx, bool(newest)) for n, instance, region, idx, newest in rows]
