"""Encodes a mask as Label Studio's brush, the bit stream that `brush_decoder` explains."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask

Numbers = npt.NDArray[np.int64]

CHANNELS = 4
SIZES = (3, 4, 8, 16)  # bits of a run's length; each run takes the smallest that fits
HEADER_BITS = "{:032b}00111" + "".join(f"{size - 1:04b}" for size in SIZES)  # words of 8 bits
LONGEST = 1 << SIZES[-1]


def encode_brush(mask_hw: BoolMask) -> list[int]:
    """Encode a mask as the bytes of a brush: all four channels are 255 where it is set."""
    lengths, values = _runs(mask_hw)
    choice = np.searchsorted([1 << size for size in SIZES], lengths)
    sizes = np.asarray(SIZES)[choice]
    # a run: flag 1, two bits that choose the size, the length - 1, the repeated byte
    records = (((4 + choice) << sizes | (lengths - 1)) << 8) | values
    return list(_pack(HEADER_BITS.format(CHANNELS * mask_hw.size), records, sizes + 11))


def _runs(mask_hw: BoolMask) -> tuple[Numbers, Numbers]:
    """Find the runs: their lengths in bytes, split to fit a field, and their values."""
    flat = mask_hw.ravel()
    ends = np.append(np.flatnonzero(flat[1:] != flat[:-1]) + 1, flat.size)
    whole = CHANNELS * np.diff(ends, prepend=0)
    parts = -(-whole // LONGEST)
    lengths = np.full(int(parts.sum()), LONGEST, np.int64)
    lengths[np.cumsum(parts) - 1] = whole - (parts - 1) * LONGEST
    values = np.where(flat[ends - 1], 255, 0)
    return lengths, np.repeat(values, parts)


def _pack(header: str, records: Numbers, sizes: Numbers) -> bytes:
    """Pack the header's bits, then the lowest `sizes` bits of each record."""
    rows = np.unpackbits(records.astype(">u4").view(np.uint8).reshape(-1, 4), axis=1)
    kept = rows[np.arange(32) >= 32 - sizes[:, None]]
    first = np.frombuffer(header.encode(), np.uint8) - ord("0")
    return np.packbits(np.concatenate([first, kept])).tobytes()
