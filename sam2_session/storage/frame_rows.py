"""Tables of frame states, base masks, predictions and conditioned frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from sam2_session.core.errors import StorageFailed
from sam2_session.core.frame_state import FrameState
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.storage.database import Transaction
from sam2_session.storage.pictures import SQL_NAME


@dataclass(frozen=True, slots=True)
class FrameRow:
    """The state of a prompted frame, and the revision of its last change."""

    frame_idx: int
    rev: int
    state: FrameState


@dataclass(frozen=True, slots=True)
class BaseRow:
    """A base mask: 8-bit PNG, its facts, and the prediction it came from, if any."""

    png: bytes
    facts: dict[str, Any]
    prediction: Prediction | None
    signature: str | None


def read_frame(tx: Transaction, key: SessionKey, frame_idx: int) -> FrameRow | None:
    """Read the state of one frame; None if nobody ever prompted it."""
    row = tx.execute(
        "SELECT rev, state FROM frames WHERE instance_id = ? AND region = ? AND frame_idx = ?",
        (key.instance_id, key.region, frame_idx),
    ).fetchone()
    return None if row is None else FrameRow(frame_idx, row[0], _state(row[1]))


def frame_rev(tx: Transaction, key: SessionKey, frame_idx: int) -> int | None:
    """Read the revision of a frame's last change; None if nobody ever prompted it."""
    row = tx.execute(
        "SELECT rev FROM frames WHERE instance_id = ? AND region = ? AND frame_idx = ?",
        (key.instance_id, key.region, frame_idx),
    ).fetchone()
    return None if row is None else int(row[0])


def prompted_frames(tx: Transaction, key: SessionKey) -> list[FrameRow]:
    """Read the frames of a pair that have prompts, in order."""
    return _frames(tx, key, prompted=True)


def prompted_states(tx: Transaction, key: SessionKey) -> list[tuple[int, str]]:
    """Read (frame_idx, state as JSON) of prompted frames, in order; quick for thousands."""
    return tx.execute(
        "SELECT frame_idx, state FROM frames"
        " WHERE instance_id = ? AND region = ? AND prompted ORDER BY frame_idx",
        (key.instance_id, key.region),
    ).fetchall()


def unprompted_frames(tx: Transaction, key: SessionKey) -> list[FrameRow]:
    """Read the frames of a pair whose prompts were all removed, in order."""
    return _frames(tx, key, prompted=False)


def prompted_digests(tx: Transaction, key: SessionKey) -> list[tuple[int, str]]:
    """Read (frame_idx, digest) of the prompted frames, without their prompts."""
    return tx.execute(
        "SELECT frame_idx, digest FROM frames WHERE instance_id = ? AND region = ? AND prompted"
        " ORDER BY frame_idx",
        (key.instance_id, key.region),
    ).fetchall()


def newest_rev(tx: Transaction, key: SessionKey) -> int:
    """Read the revision of a pair's newest prompt change; 0 before the first."""
    row = tx.execute(
        "SELECT max(rev) FROM frames WHERE instance_id = ? AND region = ?",
        (key.instance_id, key.region),
    ).fetchone()
    return int(row[0] or 0)


def touched_pairs(tx: Transaction) -> list[tuple[int, str]]:
    """List every (instance_id, region) that has a frame state or a mask."""
    return tx.execute(
        "SELECT instance_id, region FROM frames UNION SELECT instance_id, region FROM masks"
        " ORDER BY 1, 2"
    ).fetchall()


def save_frame(tx: Transaction, key: SessionKey, row: FrameRow) -> None:
    """Save a frame's state."""
    tx.execute(
        "INSERT OR REPLACE INTO frames VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            key.instance_id,
            key.region,
            row.frame_idx,
            row.rev,
            orjson.dumps(row.state.to_json()).decode(),
            row.state.digest,
            row.state.is_prompted,
        ),
    )


def add_base(tx: Transaction, base: BaseRow) -> int:
    """Store a base mask that prompts will refine; return its id."""
    packed = base.prediction.pack() if base.prediction else None
    cursor = tx.execute(
        "INSERT INTO bases (png, facts, prediction, signature) VALUES (?, ?, ?, ?)",
        (base.png, orjson.dumps(base.facts).decode(), packed, base.signature),
    )
    return int(cursor.lastrowid or 0)


def remove_bases(tx: Transaction, base_ids: Iterable[int]) -> None:
    """Remove masks that no frame refers to."""
    tx.executemany("DELETE FROM bases WHERE base_id = ?", [(base_id,) for base_id in base_ids])


def read_base(tx: Transaction, base_id: int) -> BaseRow:
    """Read a base mask by its id. Raises `StorageFailed` if the file that holds it is gone."""
    png, facts, packed, signature = tx.execute(
        f"SELECT iif(picture IS NULL, png, {SQL_NAME}(picture)), facts, prediction, signature"
        " FROM bases WHERE base_id = ?",
        (base_id,),
    ).fetchone()
    if png is None:
        raise StorageFailed(
            "A mask below the prompts of a frame is gone from the disk.",
            hint="Bring the folder .pictures of this video back from a copy.",
        )
    prediction = Prediction.unpack(packed) if packed else None
    return BaseRow(png, orjson.loads(facts), prediction, signature)


def read_base_facts(tx: Transaction, base_id: int) -> dict[str, Any]:
    """Read the facts of a base mask, without its pixels."""
    (facts,) = tx.execute("SELECT facts FROM bases WHERE base_id = ?", (base_id,)).fetchone()
    return dict(orjson.loads(facts))


def read_prediction(
    tx: Transaction, key: SessionKey, frame_idx: int, digest: str, signature: str
) -> Prediction | None:
    """Read this network's prediction for this state of the frame, or None."""
    row = tx.execute(
        "SELECT packed FROM predictions WHERE instance_id = ? AND region = ? AND frame_idx = ?"
        " AND digest = ? AND signature = ?",
        (key.instance_id, key.region, frame_idx, digest, signature),
    ).fetchone()
    return None if row is None else Prediction.unpack(row[0])


def predicted_frames(tx: Transaction, key: SessionKey, signature: str) -> set[tuple[int, str]]:
    """Read (frame_idx, digest) of the states this network has predictions for."""
    return set(
        tx.execute(
            "SELECT frame_idx, digest FROM predictions"
            " WHERE instance_id = ? AND region = ? AND signature = ?",
            (key.instance_id, key.region, signature),
        )
    )


def save_prediction(
    tx: Transaction, key: SessionKey, frame_idx: int, digest: str, signature: str, packed: bytes
) -> None:
    """Store a prediction."""
    tx.execute(
        "INSERT OR REPLACE INTO predictions VALUES (?, ?, ?, ?, ?, ?)",
        (key.instance_id, key.region, frame_idx, digest, signature, packed),
    )


def copy_predictions(
    tx: Transaction, source: SessionKey, target: SessionKey, frame_idx: int
) -> None:
    """Give a pair the predictions that another one has for its states of a frame."""
    tx.execute(
        "INSERT OR IGNORE INTO predictions"
        " SELECT ?, ?, frame_idx, digest, signature, packed FROM predictions"
        " WHERE instance_id = ? AND region = ? AND frame_idx = ?",
        (target.instance_id, target.region, source.instance_id, source.region, frame_idx),
    )


def is_conditioned(tx: Transaction, key: SessionKey, frame_idx: int, digest: str) -> bool:
    """Return whether the last run used this state of a prompted frame."""
    row = tx.execute(
        "SELECT digest FROM conditioned WHERE instance_id = ? AND region = ? AND frame_idx = ?",
        (key.instance_id, key.region, frame_idx),
    ).fetchone()
    return row is not None and bool(row[0] == digest)


def conditioned_frames(tx: Transaction, key: SessionKey) -> list[tuple[int, str]]:
    """Read (frame_idx, digest) of the prompted frames that the last run used."""
    return tx.execute(
        "SELECT frame_idx, digest FROM conditioned WHERE instance_id = ? AND region = ?",
        (key.instance_id, key.region),
    ).fetchall()


def set_conditioned(tx: Transaction, key: SessionKey, frames: Iterable[tuple[int, str]]) -> None:
    """Record the prompted frames that a run begins with."""
    pair = (key.instance_id, key.region)
    tx.execute("DELETE FROM conditioned WHERE instance_id = ? AND region = ?", pair)
    tx.executemany(
        "INSERT INTO conditioned VALUES (?, ?, ?, ?)", [(*pair, *frame) for frame in frames]
    )


def drop_conditioned(tx: Transaction, key: SessionKey, frame_idx: int) -> bool:
    """Forget a frame that lost its prompts; return whether the last run used them."""
    cursor = tx.execute(
        "DELETE FROM conditioned WHERE instance_id = ? AND region = ? AND frame_idx = ?",
        (key.instance_id, key.region, frame_idx),
    )
    return cursor.rowcount > 0


def _frames(tx: Transaction, key: SessionKey, *, prompted: bool) -> list[FrameRow]:
    rows = tx.execute(
        "SELECT frame_idx, rev, state FROM frames"
        " WHERE instance_id = ? AND region = ? AND prompted = ? ORDER BY frame_idx",
        (key.instance_id, key.region, prompted),
    )
    return [FrameRow(frame_idx, rev, _state(state)) for frame_idx, rev, state in rows]


def _state(text: str) -> FrameState:
    return FrameState.from_json(orjson.loads(text))
