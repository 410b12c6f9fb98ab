"""Table of the traits of masks; one whose mask changed since counts as none."""

from __future__ import annotations

from collections.abc import Iterable

from sam2_session.core.mask_traits import MaskTraits
from sam2_session.core.types import SessionKey
from sam2_session.storage.database import Transaction


def save_traits(tx: Transaction, traits: Iterable[tuple[SessionKey, int, MaskTraits]]) -> None:
    """Save the traits of masks: (key, frame_idx, traits)."""
    tx.executemany(
        "INSERT OR REPLACE INTO mask_traits VALUES (?, ?, ?, ?)",
        [(key.instance_id, key.region, idx, found.pack()) for key, idx, found in traits],
    )


def list_traits(tx: Transaction, key: SessionKey) -> dict[int, MaskTraits]:
    """Read the traits of a pair's masks, by frame_idx."""
    rows = tx.execute(
        "SELECT frame_idx, packed FROM mask_traits WHERE instance_id = ? AND region = ?",
        (key.instance_id, key.region),
    )
    return {frame_idx: MaskTraits.unpack(packed) for frame_idx, packed in rows}
