"""Measures of a mask that tell whether it fits its neighbours: shape and colours."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sam2_session.core.masks import MaskFacts

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class MaskTraits:
    """Traits of a mask, measured when it is written.

    `facts` say of which mask. `pieces` counts those larger than a speck. `cells` is the mask in its
    box on a grid of `GRID` by `GRID`, packed bits, row by row. `colours` shares the pixels inside
    among `BINS` colours, in 255ths; empty where the frame could not be read.
    """

    GRID: ClassVar[int] = 24
    BINS: ClassVar[int] = 64

    facts: MaskFacts
    pieces: int
    cells: bytes
    colours: bytes

    def pack(self) -> bytes:
        """Pack into about 160 bytes for the database."""
        box = self.facts.box or (0, 0, 0, 0)
        head = struct.pack("<QIIIIB", self.facts.area, *box, min(self.pieces, 255))
        return head + self.cells + self.colours


_PACKED = np.dtype(
    [
        ("area", "<u8"),
        ("box", "<u4", 4),
        ("pieces", "u1"),
        ("cells", "u1", MaskTraits.GRID**2 // 8),
        ("colours", "u1", MaskTraits.BINS),
    ]
)


@dataclass(frozen=True, slots=True)
class TraitColumns:
    """Traits of n masks, in the order of their frames.

    `boxes` (n, 4); that of an empty mask is zero. `cells` (n, GRID² / 8) and `colours` (n, BINS) as
    in `MaskTraits`; where `coloured` is False, the colours are not known.
    """

    frames: Ints
    areas: Ints
    boxes: Ints
    pieces: Bytes
    cells: Bytes
    colours: Bytes
    coloured: npt.NDArray[np.bool_]

    @classmethod
    def unpack(cls, frames: Sequence[int], packed: Sequence[bytes]) -> TraitColumns:
        """Read what `MaskTraits.pack` wrote for masks on these frames."""
        padded = b"".join(one_mask.ljust(_PACKED.itemsize, b"\0") for one_mask in packed)
        found = np.frombuffer(padded, _PACKED)
        return cls(
            np.array(frames, np.int64),
            found["area"].astype(np.int64),
            found["box"].astype(np.int64),
            found["pieces"],
            found["cells"],
            found["colours"],
            np.array([len(one_mask) == _PACKED.itemsize for one_mask in packed], np.bool_),
        )

    def take(self, chosen: Ints | npt.NDArray[np.bool_]) -> TraitColumns:
        """Return the chosen masks."""
        return TraitColumns(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def places(self, frames: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Find frames: the place of each, and whether it is there; where not, any place."""
        if not len(self.frames):
            return np.zeros(len(frames), np.int64), np.zeros(len(frames), np.bool_)
        places = np.minimum(np.searchsorted(self.frames, frames), len(self.frames) - 1)
        return places, np.asarray(self.frames[places] == frames)
