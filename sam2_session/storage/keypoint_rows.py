"""Table of the keypoints of a video."""

from __future__ import annotations

from collections.abc import Iterable

from sam2_session.core.types import Keypoint
from sam2_session.storage.database import Transaction

KeypointValues = tuple[int, int, float, float, str, int, int]
_FIELDS = "keypoint_id, frame_idx, x, y, name, visible, derived"


def list_keypoints(tx: Transaction, instance_id: int) -> list[Keypoint]:
    """List the keypoints of an instance, by frame."""
    return [keypoint_of(row) for row in keypoint_values(tx, instance_id)]


def keypoint_values(tx: Transaction, instance_id: int) -> list[KeypointValues]:
    """Read the keypoints of an instance, by frame, for `keypoint_of`; quick for thousands."""
    return tx.execute(
        f"SELECT {_FIELDS} FROM keypoints WHERE instance_id = ? ORDER BY frame_idx, keypoint_id",
        (instance_id,),
    ).fetchall()


def keypoints_on_frame(tx: Transaction, instance_id: int, frame_idx: int) -> list[Keypoint]:
    """List the keypoints of an instance on one frame."""
    rows = tx.execute(
        f"SELECT {_FIELDS} FROM keypoints WHERE instance_id = ? AND frame_idx = ?"
        " ORDER BY keypoint_id",
        (instance_id, frame_idx),
    )
    return [keypoint_of(row) for row in rows]


def derived_beside(
    tx: Transaction, instance_id: int, frame_idx: int, name: str
) -> tuple[int, int] | None:
    """Find the first and last frame with a derived keypoint between the placed ones about a frame.

    The frame's own does not count. None without any.
    """
    if not tx.execute(
        "SELECT 1 FROM keypoints WHERE derived AND instance_id = ? AND name = ? LIMIT 1",
        (instance_id, name),
    ).fetchone():
        return None
    of_name = (instance_id, name, frame_idx)
    placed = "FROM keypoints WHERE NOT derived AND instance_id = ? AND name = ? AND frame_idx"
    (before,) = tx.execute(f"SELECT max(frame_idx) {placed} < ?", of_name).fetchone()
    (after,) = tx.execute(f"SELECT min(frame_idx) {placed} > ?", of_name).fetchone()
    first, last = tx.execute(
        "SELECT min(frame_idx), max(frame_idx) FROM keypoints WHERE derived AND instance_id = ?"
        " AND name = ? AND frame_idx != ? AND frame_idx > ? AND frame_idx < ?",
        (*of_name, -1 if before is None else before, frame_idx + 2**40 if after is None else after),
    ).fetchone()
    return None if first is None else (first, last)


def find_keypoint(tx: Transaction, keypoint_id: int) -> tuple[int, Keypoint] | None:
    """Find (instance_id, keypoint) by the keypoint's id, which is unique in the video."""
    row = tx.execute(
        f"SELECT instance_id, {_FIELDS} FROM keypoints WHERE keypoint_id = ?", (keypoint_id,)
    ).fetchone()
    return None if row is None else (row[0], keypoint_of(row[1:]))


def new_keypoint_id(tx: Transaction) -> int:
    """Make an id that this video never used, not even for a deleted keypoint."""
    row = tx.execute("SELECT seq FROM sqlite_sequence WHERE name = 'keypoints'").fetchone()
    return int(row[0]) + 1 if row else 1


def replace_on_frame(
    tx: Transaction, instance_id: int, frame_idx: int, keypoints: Iterable[Keypoint]
) -> None:
    """Replace all keypoints of an instance on one frame."""
    tx.execute(
        "DELETE FROM keypoints WHERE instance_id = ? AND frame_idx = ?", (instance_id, frame_idx)
    )
    for point in keypoints:
        tx.execute(
            "INSERT INTO keypoints VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                point.keypoint_id,
                instance_id,
                frame_idx,
                point.x,
                point.y,
                point.name,
                point.visible,
                point.derived,
            ),
        )


def keypoint_of(row: KeypointValues) -> Keypoint:
    """Make a keypoint of its row."""
    keypoint_id, frame_idx, x, y, name, visible, derived = row
    return Keypoint(keypoint_id, frame_idx, x, y, name, bool(visible), bool(derived))
