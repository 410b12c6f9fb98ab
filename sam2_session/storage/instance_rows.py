"""Table of the instances of a video, and their colours."""

from __future__ import annotations

from typing import Any

from sam2_session.core.errors import InstanceNotFound
from sam2_session.core.types import Instance
from sam2_session.storage.database import Transaction
from sam2_session.storage.op_rows import next_rev

# Each colour is as far as possible from all before it, also to colour-blind people; tests
# measure how far.
PALETTE = (
    "#f2a33a", "#58b7f0", "#c83063", "#7359db", "#ade1ac", "#af7ba9", "#f75d5c", "#5f8bea",
    "#a947a3", "#f2cf24", "#49ebf0", "#a6bf80", "#709517", "#cc96c6", "#dd848f", "#747b23",
    "#96fe7f", "#7213f9", "#9a00b5", "#da54d2", "#02aa6f", "#fca5c0", "#a053fd", "#ae017e",
    "#358883", "#fe83f5", "#30ec76", "#17d2a6", "#27cc43", "#d70abe", "#c56dff", "#13fed4",
    "#44b1a5", "#ba617f", "#ddee00", "#b99b00", "#82d1df", "#0286c4", "#fb1b59", "#8a3d9a",
    "#8800d5", "#fdcdff", "#cbbcff", "#c25849", "#d879d0", "#3b7406", "#fcc067", "#c84b9a",
    "#d07508", "#c38873", "#ab3b79", "#f177ab", "#85b768", "#e64d95", "#bf62b8", "#ebad97",
    "#b71ed4", "#b5f4a7", "#7da2e0", "#d23b0f", "#d5d789", "#886de9", "#b78aff", "#d89989",
)  # fmt: skip

_FIELDS = "instance_id, name, colour, hidden, locked, class_name"


def list_instances(tx: Transaction) -> list[Instance]:
    """List the instances that are not deleted, in the order they were made."""
    rows = tx.execute(f"SELECT {_FIELDS} FROM instances WHERE NOT deleted ORDER BY instance_id")
    return [_instance(row) for row in rows.fetchall()]


def add_first_instance(tx: Transaction) -> None:
    """Give a new video one instance, so that the first click needs no preparation."""
    if tx.execute("SELECT 1 FROM instances").fetchone() is None:  # none was ever made
        add_instance(tx, None, None)
        next_rev(tx)


def deleted_instances(tx: Transaction) -> list[int]:
    """List the ids of deleted instances."""
    rows = tx.execute("SELECT instance_id FROM instances WHERE deleted").fetchall()
    return [instance_id for (instance_id,) in rows]


def get_instance(tx: Transaction, instance_id: int) -> Instance:
    """Read one instance. Raises `InstanceNotFound`."""
    row = tx.execute(
        f"SELECT {_FIELDS} FROM instances WHERE instance_id = ? AND NOT deleted", (instance_id,)
    ).fetchone()
    if row is None:
        raise InstanceNotFound(instance_id)
    return _instance(row)


def add_instance(tx: Transaction, name: str | None, colour: str | None) -> Instance:
    """Add an instance; without a name or a colour it gets a new one."""
    cursor = tx.execute(
        "INSERT INTO instances (name, colour) VALUES (?, ?)", (name or "", colour or "")
    )
    instance_id = int(cursor.lastrowid or 0)
    tx.execute(
        "UPDATE instances SET name = ?, colour = ? WHERE instance_id = ?",
        (
            name or f"tool {instance_id}",
            colour or _least_used(tx),
            instance_id,
        ),
    )
    return get_instance(tx, instance_id)


def _least_used(tx: Transaction) -> str:
    """Find the first colour of the palette that the fewest instances use."""
    used = [instance.colour for instance in list_instances(tx)]
    return min(PALETTE, key=used.count)


def save_instance(tx: Transaction, instance: Instance) -> None:
    """Save the fields of an instance."""
    tx.execute(
        "UPDATE instances SET name = ?, colour = ?, hidden = ?, locked = ?, class_name = ?"
        " WHERE instance_id = ?",
        (
            instance.name,
            instance.colour,
            instance.hidden,
            instance.locked,
            instance.class_name,
            instance.instance_id,
        ),
    )


def set_deleted(tx: Transaction, instance_id: int, *, deleted: bool) -> None:
    """Mark an instance as deleted, or restore it. Raises `InstanceNotFound`."""
    if not 1 <= instance_id < 2**63:  # SQLite's largest
        raise InstanceNotFound(instance_id)
    cursor = tx.execute(
        "UPDATE instances SET deleted = ? WHERE instance_id = ? AND deleted < 2",
        (deleted, instance_id),
    )
    if cursor.rowcount == 0:
        raise InstanceNotFound(instance_id)


def purge_instance(tx: Transaction, instance_id: int) -> None:
    """Remove everything of a deleted instance but its number, which is never used again."""
    tx.execute("UPDATE instances SET deleted = 2 WHERE instance_id = ? AND deleted", (instance_id,))
    for table in ("frames", "predictions", "history", "keypoints", "masks", "conditioned", "runs"):
        tx.execute(f"DELETE FROM {table} WHERE instance_id = ?", (instance_id,))


def _instance(row: tuple[Any, ...]) -> Instance:
    n, name, colour, hidden, locked, class_name = row
    return Instance(n, name, colour, bool(hidden), bool(locked), class_name)
