"""Decodes Label Studio's brush: run-length packed RGBA whose alpha channel is the mask.

The bits, most significant first: 32 for the number of values, 5 for the word size - 1, and four
times 4 for the sizes of run lengths - 1. Then come records: a flag, two bits that choose a size,
the length - 1 in that size, and one word to repeat (flag 1) or `length` words to copy (flag 0).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import BoolMask

CHANNELS = 4
DRAWN = 128  # alpha from here on counts as inside an antialiased edge
MAX_PIXELS = 8192 * 8192
HEADER_BITS = 32 + 5 + 4 * 4

Words = npt.NDArray[np.uint8]


def brush_count(rle: Sequence[int], size_hw: tuple[int, int]) -> int:
    """Count the values of a brush, checked against its header. Raises `InvalidPrompt`."""
    height, width = size_hw
    if height < 1 or width < 1 or height * width > MAX_PIXELS:
        raise InvalidPrompt(f"A brush cannot be {width}x{height}.")
    count, expected = _Bits(brush_bytes(rle[:4])).take(32), height * width * CHANNELS
    if count != expected:
        raise InvalidPrompt(
            f"The brush holds {count} values; {width}x{height} pixels need {expected}.",
            hint="original_width and original_height do not belong to this brush.",
        )
    return count


def decode_brush(rle: Sequence[int], size_hw: tuple[int, int]) -> BoolMask:
    """Decode a brush of this size to a mask. Raises `InvalidPrompt`."""
    height, width = size_hw
    values = unpack(brush_bytes(rle), brush_count(rle, size_hw))
    mask: BoolMask = values.reshape(height, width, CHANNELS)[:, :, 3] >= DRAWN
    return mask


def unpack(data: bytes, most: int) -> Words:
    """Unpack a stream of at most `most` words. Raises `InvalidPrompt`."""
    bits = _Bits(data)
    count, word_bits = bits.take(32), bits.take(5) + 1
    if count > most:
        raise InvalidPrompt(f"The brush holds {count} values; there can be {most}.")
    if word_bits > 8:
        raise InvalidPrompt(f"The brush has words of {word_bits} bits; at most 8 can be read.")
    sizes = [bits.take(4) + 1 for _ in range(4)]
    out = np.empty(count, np.uint8)
    at = 0
    while at < count:
        repeats = bits.take(1)
        length = bits.take(sizes[bits.take(2)]) + 1
        if at + length > count:
            raise InvalidPrompt("The brush's last run is longer than its mask.")
        out[at : at + length] = bits.take(word_bits) if repeats else bits.words(length, word_bits)
        at += length
    return out


class _Bits:
    """Reads a stream bit by bit, most significant bit first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._end = 8 * len(data)

    def take(self, count: int) -> int:
        """Read the next bits, at most 32, as a number."""
        first = self._at >> 3
        self._advance(count)
        window = int.from_bytes(self._data[first : first + 5].ljust(5, b"\0"), "big")
        return (window >> (40 - (self._at - 8 * first))) & ((1 << count) - 1)

    def words(self, length: int, word_bits: int) -> Words:
        """Read the next words, all at once."""
        start = self._at
        self._advance(length * word_bits)
        last = (self._at + 7) >> 3
        raw = np.frombuffer(self._data, np.uint8, last - (start >> 3), start >> 3)
        bits = np.unpackbits(raw)[start & 7 :][: length * word_bits].reshape(length, word_bits)
        padded = np.zeros((length, 8), np.uint8)
        padded[:, 8 - word_bits :] = bits
        return np.packbits(padded, axis=1)[:, 0]

    def _advance(self, count: int) -> None:
        self._at += count
        if self._at > self._end:
            raise InvalidPrompt("The brush's stream ends early.", hint="Export the task again.")


def brush_bytes(rle: Sequence[int]) -> bytes:
    """Pack a brush's list of numbers. Raises `InvalidPrompt`."""
    try:
        return bytes(rle)
    except (TypeError, ValueError) as error:
        raise InvalidPrompt("A brush's rle is a list of numbers from 0 to 255.") from error
