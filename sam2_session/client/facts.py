"""Facts of the client's objects, read from the answers of operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sam2_session.core.types import Box, Point


@dataclass(frozen=True, slots=True)
class PromptedFrame:
    """The prompts of one frame; `mask`: it was drawn by hand, and is one of them."""

    frame_idx: int
    points: tuple[Point, ...]
    box: Box | None
    mask: bool
    rev: int

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> PromptedFrame:
        """Read a row of `get_prompts`."""
        points = tuple(Point(point["x"], point["y"], point["label"]) for point in row["points"])
        box = Box(*row["box"]) if row["box"] else None
        return cls(row["frame_idx"], points, box, row["mask"], row["rev"])


@dataclass(frozen=True, slots=True)
class MaskFacts:
    """A mask without its pixels; `area` in pixels, `source` human, propagated or imported."""

    frame_idx: int
    rev: int
    source: str
    score: float | None
    area: int
    box: tuple[float, float, float, float] | None
    stale: bool
    approved: bool
    absent: bool

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> MaskFacts:
        """Read a row of `list_masks`."""
        x0, y0, x1, y1 = row["box"] or (0, 0, 0, 0)
        box = (x0, y0, x1, y1) if row["box"] else None
        return cls(
            row["frame_idx"],
            row["rev"],
            row["source"],
            row["score"],
            row["area"],
            box,
            row["stale"],
            row["approved"],
            bool(row.get("absent")),
        )


@dataclass(frozen=True, slots=True, eq=False)
class FrameIds:
    """All masks of a frame: `ids_hw` is int32 (H, W), 0 for background.

    `pairs` names each number's pairs as ``(instance_id, region)``, `overlap` says which mask lies
    on top.
    """

    ids_hw: npt.NDArray[np.int32]
    pairs: Mapping[int, tuple[tuple[int, str], ...]]
    overlap: str


@dataclass(frozen=True, slots=True)
class Export:
    """A finished export, written to `path`; `remarks` counts what the format could not take."""

    path: Path
    export_id: str
    format: str
    bytes: int
    sha256: str
    remarks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Import:
    """An import; `counts` by kind of what came in, `notes` on what was changed or left out."""

    import_id: str
    format: str
    counts: Mapping[str, int]
    notes: tuple[Mapping[str, Any], ...]
