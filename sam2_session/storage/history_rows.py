"""Undo and redo: what a frame, or its keypoints, held before and after each change."""

from __future__ import annotations

import json
from typing import Any

from sam2_session.core.errors import NothingToDo
from sam2_session.storage.database import Transaction

# (instance_id, region, frame_idx); region None: the keypoints of the instance on the frame.
Place = tuple[int, str | None, int]

_HERE = "instance_id = ? AND region IS ? AND frame_idx = ?"


def push(tx: Transaction, place: Place, before: Any, after: Any) -> None:
    """Remember a new change; what was undone here before cannot be redone any more."""
    tx.execute(f"DELETE FROM history WHERE {_HERE} AND undone", place)
    tx.execute(
        "INSERT INTO history (instance_id, region, frame_idx, before, after)"
        " VALUES (?, ?, ?, ?, ?)",
        (*place, json.dumps(before), json.dumps(after)),
    )


def take_back(tx: Transaction, place: Place, now: Any) -> Any:
    """Undo: answers what was before the newest change; `now` is what redo will bring again."""
    step = _step(tx, place, "NOT undone ORDER BY history_id DESC")
    if step is None:
        raise NothingToDo("There is nothing to undo on this frame.")
    history_id, before, _ = step
    tx.execute(
        "UPDATE history SET undone = 1, after = ? WHERE history_id = ?",
        (json.dumps(now), history_id),
    )
    return before


def do_again(tx: Transaction, place: Place, now: Any) -> Any:
    """Redo: answers what came after the change undone last; `now` is what undo will bring back."""
    step = _step(tx, place, "undone ORDER BY history_id")
    if step is None:
        raise NothingToDo("There is nothing to redo on this frame.")
    history_id, _, after = step
    tx.execute(
        "UPDATE history SET undone = 0, before = ? WHERE history_id = ?",
        (json.dumps(now), history_id),
    )
    return after


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


def _step(tx: Transaction, place: Place, which: str) -> tuple[int, Any, Any] | None:
    row = tx.execute(
        f"SELECT history_id, before, after FROM history WHERE {_HERE} AND {which} LIMIT 1", place
    ).fetchone()
    return None if row is None else (row[0], json.loads(row[1]), json.loads(row[2]))
