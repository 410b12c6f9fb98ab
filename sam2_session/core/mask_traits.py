"""Measures of a mask that tell whether it fits its neighbours: shape and colours."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

from sam2_session.core.masks import MaskFacts


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

    @classmethod
    def unpack(cls, packed: bytes) -> MaskTraits:
        """Read what `pack` wrote."""
        size = struct.calcsize("<QIIIIB")
        area, *box, pieces = struct.unpack("<QIIIIB", packed[:size])
        facts = MaskFacts(area, (box[0], box[1], box[2], box[3]) if area else None)
        cells = packed[size : size + cls.GRID**2 // 8]
        return cls(facts, pieces, cells, packed[size + len(cells) :])
