"""Counts how much of a video is annotated, over its living instances."""

from __future__ import annotations

from sam2_session.storage.database import Transaction

_LIVING = "JOIN instances USING (instance_id) WHERE NOT deleted"


def count_annotations(tx: Transaction) -> dict[str, int]:
    """Return ``{instances, prompted_frames, masks}``."""
    instances, frames, masks = tx.execute(
        "SELECT (SELECT count(*) FROM instances WHERE NOT deleted),"
        f" (SELECT count(*) FROM frames {_LIVING} AND prompted),"
        f" (SELECT count(*) FROM masks {_LIVING})"
    ).fetchone()
    return {"instances": instances, "prompted_frames": frames, "masks": masks}
