"""Encodes and decodes COCO's run-length code of masks (RLE).

Runs go down the columns, starting with zeros. From the fourth on, each length is written as its
difference from the length two before it: groups of five bits with a sign, low groups first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask

Counts = npt.NDArray[np.int64]
GROUPS = 7  # of five bits each: enough for any length
CONTINUED, SIGN, OFFSET = 0x20, 0x10, 48


def encode_rle(mask_hw: BoolMask) -> dict[str, Any]:
    """Encode a mask as ``{size: [h, w], counts}``, the counts as text."""
    height, width = mask_hw.shape
    return {"size": [height, width], "counts": pack_counts(run_lengths(mask_hw)).decode()}


def decode_rle(counts: bytes, size_hw: tuple[int, int]) -> BoolMask:
    """Decode a mask. Raises `ValueError` if the lengths do not add up to its size."""
    return from_run_lengths(unpack_counts(counts), size_hw)


def run_lengths(mask_hw: BoolMask) -> Counts:
    """Measure the runs down the columns, starting with zeros."""
    flat = mask_hw.T.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    lead = [0] if flat.size and not flat[0] else [0, 0]
    return np.diff(np.concatenate([lead, changes, [flat.size]])).astype(np.int64)


def from_run_lengths(counts: Counts, size_hw: tuple[int, int]) -> BoolMask:
    """Rebuild a mask from run lengths. Raises `ValueError`."""
    height, width = size_hw
    if (counts < 0).any() or int(counts.sum()) != height * width:
        raise ValueError(f"the runs do not add up to {width}x{height}")
    values = np.arange(counts.size) % 2 == 1
    return np.ascontiguousarray(np.repeat(values, counts).reshape(width, height).T)


def pack_counts(counts: Counts) -> bytes:
    """Write run lengths as text."""
    rest = counts.copy()
    rest[3:] -= counts[1:-2]
    chars = np.zeros((counts.size, GROUPS), np.uint8)
    going = np.ones(counts.size, np.bool_)
    for group in range(GROUPS):
        low = rest & 0x1F
        rest = rest >> 5
        more = going & (rest != np.where(low & SIGN, -1, 0))
        chars[going, group] = (low + np.where(more, CONTINUED, 0) + OFFSET)[going]
        going = more
    return chars[chars > 0].tobytes()


def unpack_counts(text: bytes) -> Counts:
    """Read what `pack_counts` wrote. Raises `ValueError`."""
    codes = np.frombuffer(text, np.uint8).astype(np.int64) - OFFSET
    if codes.size == 0 or (codes < 0).any() or (codes > 0x3F).any() or codes[-1] & CONTINUED:
        raise ValueError("the counts are no run-length code")
    ends = np.flatnonzero(codes & CONTINUED == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    if int((ends - starts).max()) >= GROUPS:
        raise ValueError("a run is longer than any picture")
    shifts = 5 * (np.arange(codes.size) - np.repeat(starts, ends - starts + 1))
    deltas = np.add.reduceat((codes & 0x1F) << shifts, starts)
    deltas -= np.where(codes[ends] & SIGN, 1 << (5 * (ends - starts + 1)), 0)
    deltas[1::2] = np.cumsum(deltas[1::2])
    deltas[2::2] = np.cumsum(deltas[2::2])
    return deltas
