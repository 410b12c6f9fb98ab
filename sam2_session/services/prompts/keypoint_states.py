"""States of an instance's keypoints on one frame: written for the history, and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sam2_session.core.errors import Conflict
from sam2_session.core.types import Keypoint
from sam2_session.services.prompts.keypoint_steps import require_different
from sam2_session.storage.database import Transaction
from sam2_session.storage.keypoint_rows import find_keypoint


def dump(keypoints: Iterable[Keypoint]) -> list[dict[str, Any]]:
    """Write a state for the history, and for events."""
    return [keypoint.to_wire() for keypoint in keypoints]


def load(rows: Iterable[Mapping[str, Any]]) -> list[Keypoint]:
    """Read a state that `dump` wrote."""
    return [Keypoint(**row) for row in rows]


def ids_of(keypoints: Iterable[Keypoint]) -> set[int]:
    """Collect the ids of keypoints."""
    return {keypoint.keypoint_id for keypoint in keypoints}


def require_free(tx: Transaction, before: Sequence[Keypoint], after: Sequence[Keypoint]) -> None:
    """Raise Conflict for an id that another frame uses by now, as undo may bring it back."""
    require_different(after)
    for keypoint_id in ids_of(after) - ids_of(before):
        found = find_keypoint(tx, keypoint_id)
        if found is not None:
            raise Conflict(
                f"Keypoint {keypoint_id} is on frame {found[1].frame_idx} of instance {found[0]}.",
                hint="Undo that change first.",
            )
