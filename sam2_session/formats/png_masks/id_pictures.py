"""Paints an image of numbers, one for each object, and encodes it as PNG."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image

from sam2_session.core.types import BoolMask
from sam2_session.formats.exporting.layers import MAX_NUMBER, Ids
from sam2_session.formats.exporting.source import Pair

WideIds = npt.NDArray[np.uint16]
MAX_WIDE_NUMBER = 65535  # the largest in 16 bits


def paint_ids(
    masks: Iterable[tuple[Pair, BoolMask]], numbers: Mapping[Pair, int], size_hw: tuple[int, int]
) -> Ids | WideIds:
    """Paint masks, given in `paint_order`, as numbers of 8 bits, or of 16 where 8 do not do."""
    ids_hw = np.zeros(size_hw, np.uint8 if fits_a_byte(numbers) else np.uint16)
    for pair, mask_hw in masks:
        ids_hw[mask_hw] = numbers[pair]
    return ids_hw


def fits_a_byte(numbers: Mapping[Pair, int]) -> bool:
    """Return whether the highest number fits into 8 bits."""
    return max(numbers.values(), default=0) <= MAX_NUMBER


def encode_ids(ids_hw: Ids | WideIds, numbers: Mapping[Pair, int]) -> bytes:
    """Encode 8 bits with a palette of the page's colours, 16 bits as grey."""
    image = Image.fromarray(ids_hw)
    if ids_hw.dtype == np.uint8:
        image.putpalette(_palette(numbers))
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _palette(numbers: Mapping[Pair, int]) -> bytes:
    """Build a palette of the page's colours; of regions with one number, the first counts."""
    colours = bytearray(3 * 256)
    for pair, number in reversed(list(numbers.items())):
        colours[3 * number : 3 * number + 3] = bytes.fromhex(pair.colour[1:])
    return bytes(colours)
