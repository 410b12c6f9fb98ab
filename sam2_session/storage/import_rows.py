"""Imports in the log of commands, and the changes they made, for undo."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sam2_session.core.types import SessionKey
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import FrameRow
from sam2_session.storage.history_rows import HistoryKey
from sam2_session.storage.op_rows import add_op

CLIENT = ""  # a name no client can have
IMPORT, UNDO = "import", "undo_import"


def newest_history_id(tx: Transaction) -> int:
    """Read the newest history_id; the changes of an import get higher ones."""
    row = tx.execute("SELECT max(history_id) FROM history").fetchone()
    return int(row[0] or 0)


def reserve_instance_id(tx: Transaction, instance_id: int) -> None:
    """Let the next instance get this id, unless it or a larger one was ever used."""
    tx.execute(
        "UPDATE sqlite_sequence SET seq = ? WHERE name = 'instances' AND seq < ?",
        (instance_id - 1, instance_id - 1),
    )


def save_import(tx: Transaction, rev: int, record: dict[str, Any]) -> None:
    """Log an import; `record` holds its ``import_id``."""
    add_op(tx, rev, (CLIENT, rev), IMPORT, record, {})


def is_untouched(tx: Transaction) -> bool:
    """Return whether a video has neither prompts nor masks nor keypoints."""
    tables = ("frames", "masks", "keypoints")
    return not any(tx.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in tables)


def empty_instances(tx: Transaction, instance_ids: Iterable[int]) -> list[int]:
    """Select the instances without prompts, keypoints and changes that can be undone."""
    query = (
        "SELECT EXISTS (SELECT 1 FROM frames WHERE instance_id = ?1 AND prompted)"
        " OR EXISTS (SELECT 1 FROM keypoints WHERE instance_id = ?1)"
        " OR EXISTS (SELECT 1 FROM history WHERE instance_id = ?1 AND NOT undone)"
    )
    return [n for n in instance_ids if not tx.execute(query, (n,)).fetchone()[0]]


def save_undo(tx: Transaction, rev: int, import_id: str) -> None:
    """Log that an import was undone."""
    add_op(tx, rev, (CLIENT, rev), UNDO, {"import_id": import_id}, {})


def list_imports(tx: Transaction) -> list[dict[str, Any]]:
    """List the imports of a video, oldest first, with ``rev`` and ``undone``."""
    rows = tx.execute(
        "SELECT rev, kind, body FROM ops WHERE client_id = ? AND kind IN (?, ?) ORDER BY rev",
        (CLIENT, IMPORT, UNDO),
    ).fetchall()
    undone = {json.loads(body)["import_id"] for _, kind, body in rows if kind == UNDO}
    found = [{**json.loads(body), "rev": rev} for rev, kind, body in rows if kind == IMPORT]
    return [{**record, "undone": record["import_id"] in undone} for record in found]


@dataclass(frozen=True, slots=True)
class ImportedChange:
    """A change of an import that is still in effect; `after` is the state it led to."""

    instance_id: int
    region: str | None
    frame_idx: int
    after: Any
    is_newest: bool  # no later change of the same frame

    @property
    def history_key(self) -> HistoryKey:
        """Key of the change in the undo history."""
        return (self.instance_id, self.region, self.frame_idx)


def drop_settled_frame(tx: Transaction, key: SessionKey, row: FrameRow) -> None:
    """Delete the state of a frame without prompts, once its mask file is in place."""
    tx.execute(
        "DELETE FROM frames WHERE instance_id = ? AND region = ? AND frame_idx = ? AND rev = ?"
        " AND NOT prompted",
        (key.instance_id, key.region, row.frame_idx, row.rev),
    )


def changes_of_import(tx: Transaction, first: int, last: int) -> list[ImportedChange]:
    """Read the changes from history_id first to last that are still in effect, in order."""
    rows = tx.execute(
        "SELECT instance_id, region, frame_idx, after, NOT EXISTS (SELECT 1 FROM history AS"
        " later WHERE later.instance_id = history.instance_id AND later.region IS history.region"
        " AND later.frame_idx = history.frame_idx AND NOT later.undone"
        " AND later.history_id > history.history_id)"
        " FROM history WHERE history_id BETWEEN ? AND ? AND NOT undone ORDER BY history_id",
        (first, last),
    )
    return [
        ImportedChange(instance_id, region, frame_idx, json.loads(after), bool(newest))
        for instance_id, region, frame_idx, after, newest in rows
    ]
