"""Rows that a database need not hold: PNGs that lie in files, and what old states left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sam2_session.core.frame_state import FrameState
from sam2_session.core.types import SessionKey
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import conditioned_frames, read_frame

KEPT_PREDICTIONS = 16  # of a frame, however many states it went through
KEPT_STEPS = 4  # of its history: undo and redo of these need no model


class HeldPicture(NamedTuple):
    """A base mask whose PNG the database holds, and the frame whose mask it is or was."""

    base_id: int
    instance_id: int
    region: str
    frame_idx: int


def held_pictures(tx: Transaction) -> list[HeldPicture]:
    """List the base masks whose PNGs lie in the database, and that may be a frame's mask now.

    An imported mask that is no prompt leaves no state once it is settled, only its history.
    """
    rows = tx.execute(
        "SELECT base_id, instance_id, region, frame_idx FROM frames"
        " JOIN bases ON base_id = json_extract(state, '$.base[0]') WHERE picture IS NULL"
        " UNION SELECT base_id, instance_id, region, frame_idx FROM history"
        " JOIN bases ON base_id = json_extract(after, '$.base[0]')"
        " WHERE region IS NOT NULL AND picture IS NULL ORDER BY base_id"
    )
    return [HeldPicture(*row) for row in rows]


def read_png(tx: Transaction, base_id: int) -> bytes:
    """Read the PNG that the database holds."""
    (png,) = tx.execute("SELECT png FROM bases WHERE base_id = ?", (base_id,)).fetchone()
    return bytes(png)


def name_pictures(tx: Transaction, names: Iterable[tuple[int, str]]) -> None:
    """Replace PNGs by the names of the files that hold them, by base_id."""
    tx.executemany(
        "UPDATE bases SET png = x'', picture = ? WHERE base_id = ? AND picture IS NULL",
        [(name, base_id) for base_id, name in names],
    )


def newest_base(tx: Transaction) -> int:
    """Return the id of the newest base; 0 if there is none."""
    return int(tx.execute("SELECT ifnull(max(base_id), 0) FROM bases").fetchone()[0])


def drop_unused_bases(tx: Transaction, up_to: int) -> tuple[int, list[str]]:
    """Delete bases that no state names, up to an id; returns how many, and pictures now unnamed.

    A newer one may belong to a change under way, which stores it before the state that names it.
    """
    gone = tx.execute(
        "DELETE FROM bases WHERE base_id <= ? AND base_id NOT IN ("
        "SELECT json_extract(state, '$.base[0]') AS base FROM frames WHERE base IS NOT NULL"
        " UNION SELECT json_extract(before, '$.base[0]') AS base FROM history"
        " WHERE region IS NOT NULL AND base IS NOT NULL"
        " UNION SELECT json_extract(after, '$.base[0]') AS base FROM history"
        " WHERE region IS NOT NULL AND base IS NOT NULL) RETURNING picture",
        (up_to,),
    ).fetchall()
    names = {name for (name,) in gone if name is not None}
    named = {name for name in names if _is_named(tx, name)}
    return len(gone), sorted(names - named)


def drop_old_predictions(tx: Transaction, video_id: str) -> int:
    """Delete predictions of states that no near undo leads to; returns how many.

    They are predicted again, to the same bits, when an undo goes so far back.
    """
    crowded = tx.execute(
        "SELECT instance_id, region, frame_idx FROM predictions GROUP BY 1, 2, 3"
        " HAVING count(*) > ?",
        (KEPT_PREDICTIONS,),
    ).fetchall()
    return sum(_drop_of_frame(tx, video_id, tuple(frame)) for frame in crowded)


def free_bytes(tx: Transaction) -> int:
    """Return the size of what the file holds and does not use."""
    (pages,) = tx.execute("PRAGMA freelist_count").fetchone()
    (size,) = tx.execute("PRAGMA page_size").fetchone()
    return int(pages * size)


def _drop_of_frame(tx: Transaction, video_id: str, frame: tuple[int, str, int]) -> int:
    kept = sorted(_digests_kept(tx, video_id, frame))
    marks = ", ".join("?" * len(kept))
    cursor = tx.execute(
        "DELETE FROM predictions WHERE instance_id = ? AND region = ? AND frame_idx = ?"
        f" AND digest NOT IN ({marks})",
        (*frame, *kept),
    )
    return cursor.rowcount


def _digests_kept(tx: Transaction, video_id: str, frame: tuple[int, str, int]) -> set[str]:
    """Return the digests of the state now, of that of the last run, and of the nearest undos."""
    instance_id, region, frame_idx = frame
    key = SessionKey(video_id, instance_id, region)
    row = read_frame(tx, key, frame_idx)
    states = [] if row is None else [row.state, *row.state.steps()][: KEPT_PREDICTIONS // 2]
    states += _near_states(tx, frame)
    conditioned = {digest for idx, digest in conditioned_frames(tx, key) if idx == frame_idx}
    return {state.digest for state in states} | conditioned


def _near_states(tx: Transaction, frame: Sequence[object]) -> list[FrameState]:
    here = "instance_id = ? AND region = ? AND frame_idx = ?"
    texts = tx.execute(
        f"SELECT before, after FROM history WHERE {here} AND NOT undone"
        f" AND history_id IN (SELECT history_id FROM history WHERE {here} AND NOT undone"
        " ORDER BY history_id DESC LIMIT ?) UNION ALL"
        f" SELECT before, after FROM history WHERE {here} AND undone"
        f" AND history_id IN (SELECT history_id FROM history WHERE {here} AND undone"
        " ORDER BY history_id LIMIT ?)",
        (*frame, *frame, KEPT_STEPS, *frame, *frame, KEPT_STEPS),
    )
    return [FrameState.from_json(json.loads(text)) for row in texts for text in row]


def _is_named(tx: Transaction, name: str) -> bool:
    return (
        tx.execute("SELECT 1 FROM bases WHERE picture = ? LIMIT 1", (name,)).fetchone() is not None
    )
