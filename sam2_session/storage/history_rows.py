"""Undo and redo: what a frame, or its keypoints, held before and after each change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sam2_session.storage.database import Transaction

# (instance_id, region, frame_idx); region None: the keypoints of the instance on the frame.
Place = tuple[int, str | None, int]

_HERE = "instance_id = ? AND region IS ? AND frame_idx = ?"


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One change at one place."""

    history_id: int
    before: Any
    after: Any


def push(tx: Transaction, place: Place, before: Any, after: Any) -> None:
    """Remember a new change; what was undone here before cannot be redone any more."""
    tx.execute(f"DELETE FROM history WHERE {_HERE} AND undone", place)
    tx.execute(
        "INSERT INTO history (instance_id, region, frame_idx, before, after)"
        " VALUES (?, ?, ?, ?, ?)",
        (*place, json.dumps(before), json.dumps(after)),
    )


def newest_done(tx: Transaction, place: Place) -> HistoryStep | None:
    """The change that undo takes back."""
    return _step(tx, place, "NOT undone ORDER BY history_id DESC")


def oldest_undone(tx: Transaction, place: Place) -> HistoryStep | None:
    """The change that redo does again."""
    return _step(tx, place, "undone ORDER BY history_id")


def mark_undone(tx: Transaction, history_id: int, *, after: Any) -> None:
    """The change was taken back; `after` is what redo will bring again."""
    tx.execute(
        "UPDATE history SET undone = 1, after = ? WHERE history_id = ?",
        (json.dumps(after), history_id),
    )


def mark_redone(tx: Transaction, history_id: int, *, before: Any) -> None:
    """The change was done again; `before` is what undo will bring back."""
    tx.execute(
        "UPDATE history SET undone = 0, before = ? WHERE history_id = ?",
        (json.dumps(before), history_id),
    )


def depth(tx: Transaction, place: Place) -> dict[str, int]:
    """How many steps can be undone and redone here."""
    undo, redo = tx.execute(
        f"SELECT count(*) FILTER (WHERE NOT undone), count(*) FILTER (WHERE undone)"
        f" FROM history WHERE {_HERE}",
        place,
    ).fetchone()
    return {"undo": undo, "redo": redo}


def all_depths(tx: Transaction) -> list[dict[str, Any]]:
    """Every place with a history."""
    rows = tx.execute(
        "SELECT instance_id, region, frame_idx, count(*) FILTER (WHERE NOT undone),"
        " count(*) FILTER (WHERE undone) FROM history GROUP BY 1, 2, 3"
    )
    names = ("instance_id", "region", "frame_idx", "undo", "redo")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _step(tx: Transaction, place: Place, which: str) -> HistoryStep | None:
    row = tx.execute(
        f"SELECT history_id, before, after FROM history WHERE {_HERE} AND {which} LIMIT 1", place
    ).fetchone()
    return None if row is None else HistoryStep(row[0], json.loads(row[1]), json.loads(row[2]))
