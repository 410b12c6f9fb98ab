"""Writes brush streams bit by bit, following the format's description."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import numpy.typing as npt

SIZES = (3, 4, 8, 16)  # bits of the run lengths


def encode(
    values: npt.NDArray[np.uint8],
    *,
    sizes: tuple[int, ...] = SIZES,
    num: int | None = None,
    literal_up_to: int = 0,
) -> list[int]:
    """Encode runs of equal words; runs of at most `literal_up_to` words are copied."""
    bits = [f"{values.size if num is None else num:032b}", f"{7:05b}"]
    bits += [f"{size - 1:04b}" for size in sizes]
    for word, group in groupby(values.tolist()):
        left = len(list(group))
        while left:
            length = min(left, 2 ** max(sizes))
            bits.append(_record(word, length, sizes, literal=length <= literal_up_to))
            left -= length
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return [int(text[at : at + 8], 2) for at in range(0, len(text), 8)]


def brush_of(mask_hw: npt.NDArray[np.bool_], alpha: int = 255) -> list[int]:
    """Encode a mask as the brush tool stores it."""
    rgba = np.repeat(mask_hw.astype(np.uint8).ravel() * np.uint8(alpha), 4)
    return encode(rgba)


def _record(word: int, length: int, sizes: tuple[int, ...], *, literal: bool) -> str:
    which = next(n for n, size in enumerate(sizes) if length <= 2**size)
    head = f"{0 if literal else 1}{which:02b}{length - 1:0{sizes[which]}b}"
    return head + f"{word:08b}" * (length if literal else 1)
