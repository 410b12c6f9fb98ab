"""Table of the traits of masks; one whose mask changed since counts as none."""

from __future__ import annotations

from collections.abc import Iterable

from sam2_session.core.mask_traits import MaskTraits, TraitColumns
from sam2_session.core.types import SessionKey
from sam2_session.storage.database import Transaction


def save_traits(tx: Transaction, traits: Iterable[tuple[SessionKey, int, MaskTraits]]) -> None:
    """Save the traits of masks: (key, frame_idx, traits)."""
    tx.executemany(
        "INSERT OR REPLACE INTO mask_traits VALUES (?, ?, ?, ?)",
        [(key.instance_id, key.region, idx, found.pack()) for key, idx, found in traits],
    )


def read_traits(tx: Transaction, key: SessionKey) -> TraitColumns:
    """Read the traits of a pair's masks, in the order of their frames."""
    rows = tx.execute(
        "SELECT frame_idx, packed FROM mask_traits WHERE instance_id = ? AND region = ?"
        " ORDER BY frame_idx",
        (key.instance_id, key.region),
    ).fetchall()
    return TraitColumns.unpack([frame_idx for frame_idx, _ in rows], [blob for _, blob in rows])
