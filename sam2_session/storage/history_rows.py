"""Undo history: the state of a frame, or of its keypoints, before and after each change."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import orjson

from sam2_session.core.clients import Client
from sam2_session.core.errors import NothingToDo
from sam2_session.storage.client_rows import read_client
from sam2_session.storage.database import Transaction

# (instance_id, region, frame_idx); region None is for the instance's keypoints on the frame.
HistoryKey = tuple[int, str | None, int]

_HERE = "instance_id = ? AND region IS ? AND frame_idx = ?"
_NEXT = {  # the change that comes next, and the client whose step it takes back
    "undo": ("client_id", "NOT undone ORDER BY history_id DESC"),
    "redo": ("undone_by", "undone ORDER BY history_id"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """The change that comes next in undo or redo.

    `client` made it or, for a redo, undid it; None for a script, and in older histories. `action`
    is set for a change of many frames.
    """

    history_id: int
    before: Any
    after: Any
    client: Client | None
    action: int | None


def push(
    tx: Transaction,
    key: HistoryKey,
    before: Any,
    after: Any,
    client_id: str | None = None,
    *,
    action: int | None = None,
) -> None:
    """Add a change; changes undone before it can no longer be redone.

    Changes of one `action`, the revision that made them, are undone and redone together.
    """
    tx.execute(f"DELETE FROM history WHERE {_HERE} AND undone", key)
    tx.execute(
        "INSERT INTO history"
        " (instance_id, region, frame_idx, before, after, client_id, made_at, action)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *key,
            orjson.dumps(before).decode(),
            orjson.dumps(after).decode(),
            client_id,
            time.time(),
            action,
        ),
    )


def next_step(tx: Transaction, key: HistoryKey, way: str) -> Step:
    """Read the change that comes next; `way` is undo or redo. Raises `NothingToDo`."""
    column, which = _NEXT[way]
    row = tx.execute(
        f"SELECT history_id, before, after, {column}, action FROM history WHERE {_HERE} AND {which}"
        " LIMIT 1",
        key,
    ).fetchone()
    if row is None:
        raise NothingToDo(f"There is nothing to {way} on this frame.")
    history_id, before, after, client_id, action = row
    client = None if client_id is None else read_client(tx, client_id)
    return Step(history_id, orjson.loads(before), orjson.loads(after), client, action)


def undo(tx: Transaction, key: HistoryKey, now: Any, client_id: str | None = None) -> Any:
    """Undo the newest change and return the state before it; `now` is kept for redo.

    Raises `NothingToDo`.
    """
    step = next_step(tx, key, "undo")
    tx.execute(
        "UPDATE history SET undone = 1, after = ?, undone_by = ? WHERE history_id = ?",
        (orjson.dumps(now).decode(), client_id, step.history_id),
    )
    return step.before


def redo(tx: Transaction, key: HistoryKey, now: Any, _: str | None = None) -> Any:
    """Redo the change undone last and return the state after it; `now` is kept for undo.

    Raises `NothingToDo`.
    """
    step = next_step(tx, key, "redo")
    tx.execute(
        "UPDATE history SET undone = 0, before = ? WHERE history_id = ?",
        (orjson.dumps(now).decode(), step.history_id),
    )
    return step.after


def depth(tx: Transaction, key: HistoryKey) -> dict[str, Any]:
    """Count the changes that can be undone and redone, and name the clients of the next ones."""
    (found,) = _depths(tx, f"WHERE {_HERE}", key) or [{"undo": 0, "redo": 0}]
    names = ("undo", "redo", "undo_by", "redo_by")
    return {name: found.get(name) for name in names}


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
    return orjson.loads(row.fetchone()[0])


def all_depths(tx: Transaction) -> list[dict[str, Any]]:
    """Return what `depth` returns for every frame with a history."""
    return _depths(tx, "", ())


def changers_of(
    tx: Transaction, now_s: float, within_s: float
) -> list[tuple[tuple[int, str], Client]]:
    """List (instance_id, region) of pairs changed about now, in s since 1970, and by whom.

    Changes dated later than that are not recent: the clock was put back since.
    """
    rows = tx.execute(
        "SELECT DISTINCT instance_id, region, client_id FROM history"
        " WHERE made_at BETWEEN ? AND ? AND client_id IS NOT NULL AND region IS NOT NULL",
        (now_s - within_s, now_s + within_s),
    ).fetchall()
    return [((n, region), read_client(tx, client_id)) for n, region, client_id in rows]


def _depths(tx: Transaction, where: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
    rows = tx.execute(
        "WITH ends AS (SELECT instance_id, region, frame_idx,"
        " count(*) FILTER (WHERE NOT undone) AS undos, count(*) FILTER (WHERE undone) AS redos,"
        " max(history_id) FILTER (WHERE NOT undone) AS newest,"
        f" min(history_id) FILTER (WHERE undone) AS oldest FROM history {where} GROUP BY 1, 2, 3)"
        " SELECT ends.instance_id, ends.region, ends.frame_idx, undos, redos,"
        " made.client_id, maker.person_id, maker.name,"
        " gone.undone_by, undoer.person_id, undoer.name FROM ends"
        " LEFT JOIN history AS made ON made.history_id = newest"
        " LEFT JOIN clients AS maker ON maker.client_id = made.client_id"
        " LEFT JOIN history AS gone ON gone.history_id = oldest"
        " LEFT JOIN clients AS undoer ON undoer.client_id = gone.undone_by",
        values,
    )
    names = ("instance_id", "region", "frame_idx", "undo", "redo")
    return [
        {
            **dict(zip(names, row, strict=False)),
            "undo_by": _client_to_wire(*row[5:8]),
            "redo_by": _client_to_wire(*row[8:]),
        }
        for row in rows
    ]


def _client_to_wire(
    client_id: str | None, person_id: str | None, name: str | None
) -> dict[str, Any] | None:
    return Client(client_id, person_id or "", name or "").to_wire() if client_id else None


@dataclass(frozen=True, slots=True)
class ChangesOfClient:
    """Number of changes by one client; `client_id` is None for scripts and imports."""

    client_id: str | None
    changes: int
    undone: int
    frames: int
    first_s: float
    last_s: float


def changes_by_client(tx: Transaction) -> list[ChangesOfClient]:
    """Count the changes of each client; times in seconds since 1970, 0 if not noted."""
    rows = tx.execute(
        "SELECT client_id, count(*), sum(undone), count(DISTINCT frame_idx), min(made_at),"
        " max(made_at) FROM history GROUP BY client_id"
    )
    return [ChangesOfClient(*row) for row in rows]
