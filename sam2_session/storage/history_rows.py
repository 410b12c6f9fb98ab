"""Undo history: the state of a frame, or of its keypoints, before and after each change."""

from __future__ import annotations

import json
from typing import Any

from sam2_session.core.errors import NothingToDo
from sam2_session.storage.database import Transaction

# (instance_id, region, frame_idx); region None is for the instance's keypoints on the frame.
HistoryKey = tuple[int, str | None, int]

_HERE = "instance_id = ? AND region IS ? AND frame_idx = ?"


def push(
    tx: Transaction, key: HistoryKey, before: Any, after: Any, *, action: int | None = None
) -> None:
    """Add a change; changes undone before it can no longer be redone.

    Changes of one `action`, the revision that made them, are undone and redone together.
    """
    tx.execute(f"DELETE FROM history WHERE {_HERE} AND undone", key)
    tx.execute(
        "INSERT INTO history (instance_id, region, frame_idx, before, after, action)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (*key, json.dumps(before), json.dumps(after), action),
    )


def undo(tx: Transaction, key: HistoryKey, now: Any) -> Any:
    """Undo the newest change and return the state before it; `now` is kept for redo.

    Raises `NothingToDo`.
    """
    change = _change(tx, key, "NOT undone ORDER BY history_id DESC")
    if change is None:
        raise NothingToDo("There is nothing to undo on this frame.")
    history_id, before, _ = change
    tx.execute(
        "UPDATE history SET undone = 1, after = ? WHERE history_id = ?",
        (json.dumps(now), history_id),
    )
    return before


def redo(tx: Transaction, key: HistoryKey, now: Any) -> Any:
    """Redo the change undone last and return the state after it; `now` is kept for undo.

    Raises `NothingToDo`.
    """
    change = _change(tx, key, "undone ORDER BY history_id")
    if change is None:
        raise NothingToDo("There is nothing to redo on this frame.")
    history_id, _, after = change
    tx.execute(
        "UPDATE history SET undone = 0, before = ? WHERE history_id = ?",
        (json.dumps(now), history_id),
    )
    return after


def action_of(tx: Transaction, key: HistoryKey, *, undone: bool) -> int | None:
    """Return the action of the change that undo would take here, or, with `undone`, redo."""
    which = "undone ORDER BY history_id" if undone else "NOT undone ORDER BY history_id DESC"
    row = tx.execute(f"SELECT action FROM history WHERE {_HERE} AND {which} LIMIT 1", key)
    found = row.fetchone()
    return None if found is None else found[0]


def frames_of_action(
    tx: Transaction, action: int, *, undone: bool
) -> list[tuple[HistoryKey, bool]]:
    """List the frames of an action that are (not) undone, and whether it is the next step there."""
    beyond = "<" if undone else ">"
    rows = tx.execute(
        "SELECT instance_id, region, frame_idx, NOT EXISTS (SELECT 1 FROM history AS other"
        " WHERE other.instance_id = history.instance_id AND other.region IS history.region"
        " AND other.frame_idx = history.frame_idx AND other.undone = history.undone"
        f" AND other.history_id {beyond} history.history_id)"
        " FROM history WHERE action = ? AND undone = ? ORDER BY history_id",
        (action, undone),
    )
    return [
        ((instance_id, region, idx), bool(is_next)) for instance_id, region, idx, is_next in rows
    ]


def rename_action(tx: Transaction, key: HistoryKey, action: int, rev: int) -> None:
    """Name the change of an action after the revision of its last step."""
    tx.execute(f"UPDATE history SET action = ? WHERE {_HERE} AND action = ?", (rev, *key, action))


def state_now(tx: Transaction, key: HistoryKey, *, undone: bool) -> Any:
    """Return the state in effect by the history: that before the next redo or after the last."""
    side = "before" if undone else "after"
    which = "undone ORDER BY history_id" if undone else "NOT undone ORDER BY history_id DESC"
    row = tx.execute(f"SELECT {side} FROM history WHERE {_HERE} AND {which} LIMIT 1", key)
    return json.loads(row.fetchone()[0])


def depth(tx: Transaction, key: HistoryKey) -> dict[str, int]:
    """Count the changes that can be undone and redone."""
    undos, redos = tx.execute(
        f"SELECT count(*) FILTER (WHERE NOT undone), count(*) FILTER (WHERE undone)"
        f" FROM history WHERE {_HERE}",
        key,
    ).fetchone()
    return {"undo": undos, "redo": redos}


def all_depths(tx: Transaction) -> list[dict[str, Any]]:
    """Count undo and redo for every frame with a history."""
    rows = tx.execute(
        "SELECT instance_id, region, frame_idx, count(*) FILTER (WHERE NOT undone),"
        " count(*) FILTER (WHERE undone) FROM history GROUP BY 1, 2, 3"
    )
    names = ("instance_id", "region", "frame_idx", "undo", "redo")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _change(tx: Transaction, key: HistoryKey, which: str) -> tuple[int, Any, Any] | None:
    row = tx.execute(
        f"SELECT history_id, before, after FROM history WHERE {_HERE} AND {which} LIMIT 1", key
    ).fetchone()
    return None if row is None else (row[0], json.loads(row[1]), json.loads(row[2]))
