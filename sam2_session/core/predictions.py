"""The model's output for one frame: small, exact and storable."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

_HEADER = struct.Struct("<HHHf")  # logits height, width, pointer length, object score


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Mask logits, object pointer and score, from which all else is recomputed bit for bit.

    `logits_hw` are the mask logits at a quarter of the model's input size, `pointer_c` is the
    object pointer, and `score` the object score logit (above 0: the object is present). Of a
    tracked frame `iou` is the IoU that the network expects of its mask, and `has_rival` says
    whether another thing might have been meant; they choose memories, and `pack` omits them.
    """

    logits_hw: FloatArray
    pointer_c: FloatArray
    score: float
    iou: float | None = None  # unknown: prompted, or tracked by an older version
    has_rival: bool = False

    @property
    def nbytes(self) -> int:
        """Size of its arrays in bytes."""
        return self.logits_hw.nbytes + self.pointer_c.nbytes

    def equals(self, other: Prediction) -> bool:
        """Return whether both are equal bit for bit."""
        return (
            self.score == other.score
            and np.array_equal(self.logits_hw, other.logits_hw)
            and np.array_equal(self.pointer_c, other.pointer_c)
        )

    def pack(self) -> bytes:
        """Compress without loss, for the database."""
        height, width = self.logits_hw.shape
        header = _HEADER.pack(height, width, self.pointer_c.size, self.score)
        body = self.logits_hw.tobytes() + self.pointer_c.tobytes()
        return header + zlib.compress(body, 1)

    @classmethod
    def unpack(cls, data: bytes) -> Prediction:
        """Read what `pack` wrote."""
        height, width, pointer, score = _HEADER.unpack_from(data)
        floats = np.frombuffer(zlib.decompress(data[_HEADER.size :]), np.float32)
        split = height * width
        if floats.size != split + pointer:
            raise ValueError(f"a prediction of {split + pointer} floats, not {floats.size}")
        return cls(floats[:split].reshape(height, width), floats[split:], score)
