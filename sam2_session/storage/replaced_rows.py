"""Table of the masks that runs wrote, each with the facts of the mask that it replaced."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sam2_session.core.types import SessionKey
from sam2_session.storage.database import Transaction

ROW_BYTES = 256  # of the database, for each row: they count, too
CHUNK = 256  # rows that go at a time when room is needed
_PAIR = "run = ? AND instance_id = ? AND region = ?"


@dataclass(frozen=True, slots=True)
class ReplacedRow:
    """One mask that a run wrote.

    `facts` is the row of the mask before it, by `MaskRow.to_wire`, whose file of `bytes` is kept;
    None: there was none. `iou` compares both.
    """

    run: int
    key: SessionKey
    frame_idx: int
    facts: dict[str, Any] | None
    bytes: int
    iou: float | None


@dataclass(frozen=True, slots=True)
class RunCounts:
    """A run's masks over all of its pairs; `prompted` counts the frames that it followed from."""

    prompted: int
    written: int
    replaced: int
    dropped: int


def add_replaced(tx: Transaction, rows: Sequence[ReplacedRow]) -> None:
    """Add rows in the commit of the masks that a run wrote."""
    tx.executemany(
        "INSERT OR REPLACE INTO replaced_masks VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                row.run,
                row.key.instance_id,
                row.key.region,
                row.frame_idx,
                None if row.facts is None else json.dumps(row.facts),
                row.bytes,
                row.iou,
            )
            for row in rows
        ],
    )
    _count(tx, rows, written=1)
    _add_bytes(tx, sum(row.bytes + ROW_BYTES for row in rows))


def update_ious(tx: Transaction, run: int, ious: Iterable[tuple[SessionKey, int, float]]) -> None:
    """Compare again what a run replaced with the masks that it chose at last."""
    tx.executemany(
        f"UPDATE replaced_masks SET iou = ? WHERE {_PAIR} AND frame_idx = ?",
        [(iou, run, key.instance_id, key.region, idx) for key, idx, iou in ious],
    )


def read_replaced(
    tx: Transaction, run: int, key: SessionKey, first: int, last: int
) -> dict[int, ReplacedRow]:
    """Read what a run wrote for a pair from frame `first` to `last`, by frame_idx."""
    rows = tx.execute(
        f"SELECT frame_idx, facts, bytes, iou FROM replaced_masks WHERE {_PAIR}"
        " AND frame_idx BETWEEN ? AND ?",
        (run, key.instance_id, key.region, first, last),
    )
    return {
        frame_idx: ReplacedRow(run, key, frame_idx, json.loads(facts) if facts else None, size, iou)
        for frame_idx, facts, size, iou in rows
    }


def list_ious(tx: Transaction, run: int) -> list[tuple[int, str, int, float]]:
    """List (instance_id, region, frame_idx, iou) of the masks that a run replaced."""
    return tx.execute(
        "SELECT instance_id, region, frame_idx, iou FROM replaced_masks"
        " WHERE run = ? AND iou IS NOT NULL ORDER BY 1, 2, 3",
        (run,),
    ).fetchall()


def written_by(tx: Transaction, run: int) -> list[tuple[int, str, int, int]]:
    """List (instance_id, region, first, last) of what a run wrote and can still bring back."""
    return tx.execute(
        "SELECT instance_id, region, min(frame_idx), max(frame_idx) FROM replaced_masks"
        " WHERE run = ? GROUP BY 1, 2 ORDER BY 1, 2",
        (run,),
    ).fetchall()


def count_runs(tx: Transaction) -> dict[int, RunCounts]:
    """Count the masks of every run."""
    rows = tx.execute(
        "SELECT run, sum(prompted), sum(written), sum(replaced), sum(dropped) FROM runs"
        " GROUP BY run"
    )
    return {run: RunCounts(*counts) for run, *counts in rows}


def count_restorable(tx: Transaction) -> dict[int, int]:
    """Count, for each run, its masks that a roll-back would take back now."""
    rows = tx.execute(
        "SELECT masks.run, count(*) FROM masks JOIN replaced_masks AS before"
        " ON before.run = masks.run AND before.instance_id = masks.instance_id"
        " AND before.region = masks.region AND before.frame_idx = masks.frame_idx"
        " JOIN instances ON instances.instance_id = masks.instance_id AND NOT instances.deleted"
        " WHERE masks.source = 'propagated' AND NOT masks.approved GROUP BY 1"
    )
    return dict(rows.fetchall())


def stored_bytes(tx: Transaction) -> int:
    """Read the size of all masks kept for roll-backs."""
    row = tx.execute("SELECT value FROM meta WHERE name = 'replaced_bytes'").fetchone()
    return int(row[0])


def oldest_rows(tx: Transaction, video_id: str) -> list[ReplacedRow]:
    """Read the first rows of the oldest runs."""
    rows = tx.execute(
        "SELECT run, instance_id, region, frame_idx, facts, bytes FROM replaced_masks"
        " ORDER BY run, instance_id, region, frame_idx LIMIT ?",
        (CHUNK,),
    )
    return [
        ReplacedRow(
            run, SessionKey(video_id, n, region), idx, json.loads(facts) if facts else None, size, 0
        )
        for run, n, region, idx, facts, size in rows
    ]


def drop_rows(tx: Transaction, rows: Sequence[ReplacedRow]) -> None:
    """Delete rows whose files are gone; their run counts them as dropped."""
    tx.executemany(
        f"DELETE FROM replaced_masks WHERE {_PAIR} AND frame_idx = ?",
        [(row.run, row.key.instance_id, row.key.region, row.frame_idx) for row in rows],
    )
    _count(tx, rows, dropped=1)
    _add_bytes(tx, -sum(row.bytes + ROW_BYTES for row in rows))


def _count(
    tx: Transaction, rows: Iterable[ReplacedRow], written: int = 0, dropped: int = 0
) -> None:
    pairs = Counter((row.run, row.key.instance_id, row.key.region) for row in rows)
    before = Counter(
        (row.run, row.key.instance_id, row.key.region) for row in rows if row.facts is not None
    )
    tx.executemany(
        "UPDATE runs SET written = written + ?, replaced = replaced + ?, dropped = dropped + ?"
        f" WHERE {_PAIR}",
        [
            (written * count, written * before[pair], dropped * count, *pair)
            for pair, count in pairs.items()
        ],
    )


def _add_bytes(tx: Transaction, size: int) -> None:
    tx.execute("UPDATE meta SET value = value + ? WHERE name = 'replaced_bytes'", (size,))
