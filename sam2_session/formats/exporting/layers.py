"""Several masks in one picture: who lies above whom, and which number stands for whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import InvalidRequest
from sam2_session.formats.exporting.source import OVERALL, MaskRead, Pair

Ids = npt.NDArray[np.uint8]  # ids_hw, 0 where there is nothing
MOST = 255  # numbers that a byte holds beside 0

RULE = (
    "Where masks overlap, parts lie above whole instances (overall); among equals the later "
    "instance lies above the earlier one, and the later region of one instance above its earlier."
)


def paint_order(pairs: Iterable[Pair]) -> list[Pair]:
    """From the bottom to the top."""
    return sorted(pairs, key=lambda one: (one.region != OVERALL, one.instance_id, one.region_at))


def numbers_of(pairs: Sequence[Pair], ids: str) -> dict[Pair, int]:
    """The number of each pair: its instance's id, or with ``pair`` its place among them, from 1."""
    if ids == "pair":
        numbers = {pair: at for at, pair in enumerate(pairs, start=1)}
    else:
        numbers = {pair: pair.instance_id for pair in pairs}
    if numbers and max(numbers.values()) > MOST:
        raise InvalidRequest(
            f"A picture of this kind tells at most {MOST} apart, not {max(numbers.values())}.",
            hint="Choose fewer pairs, with ids: pair; or another format.",
        )
    return numbers


def paint(
    masks: Iterable[tuple[Pair, MaskRead]], numbers: dict[Pair, int], size_hw: tuple[int, int]
) -> Ids:
    """The number of the topmost mask at every pixel; `masks` come in `paint_order`."""
    ids_hw = np.zeros(size_hw, np.uint8)
    for pair, read in masks:
        ids_hw[read.mask_hw] = numbers[pair]
    return ids_hw


def union(
    masks: Iterable[tuple[Pair, MaskRead]], size_hw: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    """All masks as one."""
    union_hw = np.zeros(size_hw, np.bool_)
    for _, read in masks:
        union_hw |= read.mask_hw
    return union_hw


def legend(numbers: dict[Pair, int]) -> dict[str, Any]:
    """For the manifest: the rule, and whom each number means."""
    rows = [{"number": number, **pair.to_json()} for pair, number in numbers.items()]
    return {"overlap": RULE, "numbers": rows}
