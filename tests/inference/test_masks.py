"""Masks are compared as finely as the network sees them, however small they are."""

from __future__ import annotations

import numpy as np
import pytest

from sam2_session.core.predictions import Prediction
from sam2_session.inference.masks import FINER, firmness, overlap, to_mask

SIDE = 24


def disc(x: float, y: float, radius: float, slope: float = 1.0) -> Prediction:
    """Logits of a disc, in their own pixels; they rise by `slope` from pixel to pixel."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    logits = slope * (radius - np.hypot(columns - x, rows - y))
    return Prediction(logits.astype(np.float32), np.zeros(4, np.float32), 1.0)


@pytest.mark.parametrize(
    "other", [disc(12, 12, 4), disc(13.1, 12, 4), disc(12, 11, 7), disc(3, 3, 2), disc(0, 23, 3)]
)
def test_the_overlap_is_that_of_the_masks_at_the_networks_input_size(other: Prediction) -> None:
    one = disc(12, 12, 4)
    first, second = (to_mask(each, (FINER * SIDE, FINER * SIDE)) for each in (one, other))

    assert overlap(one, other) == (first & second).sum() / (first | second).sum()


def test_a_change_that_moves_no_logit_over_zero_is_seen() -> None:
    before, after = disc(12, 12, 1.2), disc(12, 12, 1.39)

    assert ((before.logits_hw > 0) == (after.logits_hw > 0)).all()
    assert overlap(before, after) < 0.85


def test_two_empty_masks_agree_and_one_agrees_with_none() -> None:
    empty = disc(12, 12, -1)

    assert (overlap(empty, empty), overlap(empty, disc(12, 12, 3))) == (1.0, 0.0)


def test_small_masks_and_those_of_flat_logits_are_less_firm() -> None:
    sharp, flat, small = (
        disc(12, 12, 8, slope=9),
        disc(12, 12, 8, slope=2),
        disc(12, 12, 2, slope=9),
    )

    assert firmness(flat) < firmness(sharp) > firmness(small)
    assert firmness(sharp) == pytest.approx((8 - 1 / 9) ** 2 / (8 + 1 / 9) ** 2, abs=0.02)
    assert firmness(disc(12, 12, -9)) == 1.0
