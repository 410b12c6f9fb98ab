"""Shapes of answers for the API documents: the trash.

Services build their answers as plain dictionaries, which nothing checks against these at run time;
further fields may come at any time.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class TrashItem(Struct):
    """A deleted thing; fields from `instance_id` on where its kind has them."""

    trash_id: str
    kind: Literal["video", "instance", "region", "masks", "export", "batch", "files"]
    name: str
    video_id: str | None
    bytes: int
    deleted_at: float
    client: str | None
    client_id: str | None
    restorable: bool
    instance_id: int | UnsetType = UNSET
    region: str | UnsetType = UNSET
    masks: int | UnsetType = UNSET
    export_id: str | UnsetType = UNSET
    batch_id: str | UnsetType = UNSET


class DroppedItem(Struct):
    """A thing that the trash dropped by itself since the server started, and why."""

    trash_id: str
    name: str
    bytes: int
    why: str


class TrashList(Struct):
    """Everything in the trash, newest first; bounds of 0 are none."""

    items: list[TrashItem]
    bytes: int
    days: int
    max_bytes: int
    dropped: list[DroppedItem]


class TrashRestored(Struct):
    """A thing that is back; `restored` of masks counts them."""

    trash_id: str
    kind: str
    name: str
    video_id: str | None


class TrashEmptied(Struct):
    """The number of things removed for good, their bytes, and how many could not be removed."""

    deleted: int
    bytes: int
    kept: int
