"""Reads the facts of all masks of a pair by column, many times faster than row by row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sam2_session.core.types import SessionKey
from sam2_session.storage.database import Transaction

_NAMES = (
    "frame_idx, rev, source, run, score, area, box, approved, flags, network, absent, cleaned,"
    " rejected"
)


@dataclass(frozen=True, slots=True)
class MaskColumns:
    """Columns of equal length, in the order of the frames; `boxes` as `MaskRow.facts.box`."""

    frames: tuple[int, ...]
    revs: tuple[int, ...]
    sources: tuple[str, ...]
    runs: tuple[int | None, ...]
    scores: tuple[float | None, ...]
    areas: tuple[int, ...]
    boxes: list[list[int] | None]
    approved: tuple[int, ...]
    flags: tuple[str, ...]  # names with blanks between them
    networks: tuple[str | None, ...]
    absent: tuple[int, ...]
    cleaned: tuple[int, ...]
    rejections: tuple[str | None, ...]


def read_columns(tx: Transaction, key: SessionKey) -> MaskColumns:
    """Read what `list_masks` does, by column."""
    rows = tx.execute(
        f"SELECT {_NAMES} FROM masks WHERE instance_id = ? AND region = ? ORDER BY frame_idx",
        (key.instance_id, key.region),
    ).fetchall()
    columns: list[Any] = list(zip(*rows, strict=True)) or [()] * len(_NAMES.split(", "))
    boxes = _NAMES.split(", ").index("box")
    columns[boxes] = json.loads(f"[{','.join(text or 'null' for text in columns[boxes])}]")
    return MaskColumns(*columns)
