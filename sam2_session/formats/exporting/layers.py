"""Draws several masks into one image: which lies on top, and which number each one has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import InvalidRequest
from sam2_session.formats.exporting.source import OVERALL, MaskRead, Pair

Ids = npt.NDArray[np.uint8]  # ids_hw, 0 for background
MAX_NUMBER = 255  # the largest in a byte

RULE = (
    "Where masks overlap, parts lie above whole instances (overall); among equals the later "
    "instance lies above the earlier one, and the later region of one instance above its earlier."
)


def paint_order(pairs: Iterable[Pair]) -> list[Pair]:
    """Sort pairs from the bottom layer to the top."""
    return sorted(
        pairs, key=lambda pair: (pair.region != OVERALL, pair.instance_id, pair.region_at)
    )


def numbers_of(pairs: Sequence[Pair], ids: str, most: int = MAX_NUMBER) -> dict[Pair, int]:
    """Number the pairs: by instance id, or with ``ids="pair"`` from 1 in their order.

    Raises `InvalidRequest` for a number over `most`.
    """
    if ids == "pair":
        numbers = {pair: at for at, pair in enumerate(pairs, start=1)}
    else:
        numbers = {pair: pair.instance_id for pair in pairs}
    highest = max(numbers.values(), default=0)
    if highest > most:
        raise InvalidRequest(
            f"A picture of this kind tells at most {most} apart, not {highest}.",
            hint="Choose fewer pairs, with ids: pair; or another format.",
        )
    return numbers


def paint(
    masks: Iterable[tuple[Pair, MaskRead]], numbers: dict[Pair, int], size_hw: tuple[int, int]
) -> Ids:
    """Paint masks, given in `paint_order`, as an image of the topmost mask's number."""
    ids_hw = np.zeros(size_hw, np.uint8)
    for pair, read in masks:
        ids_hw[read.mask_hw] = numbers[pair]
    return ids_hw


def union(
    masks: Iterable[tuple[Pair, MaskRead]], size_hw: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    """Merge all masks into one."""
    union_hw = np.zeros(size_hw, np.bool_)
    for _, read in masks:
        union_hw |= read.mask_hw
    return union_hw


def legend(numbers: dict[Pair, int]) -> dict[str, Any]:
    """Explain overlaps and numbers in the manifest."""
    rows = [{"number": number, **pair.to_json()} for pair, number in numbers.items()]
    return {"overlap": RULE, "numbers": rows}
