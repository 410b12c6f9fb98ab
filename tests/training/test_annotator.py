from __future__ import annotations

import numpy as np
import pytest
import torch
from sam2.modeling.sam2_utils import get_next_point

from training.annotator import Click, box_of, next_click
from training.clips import BoolMasks

EMPTY: BoolMasks = np.zeros((40, 50), np.bool_)


def block(x: slice, y: slice) -> BoolMasks:
    mask = EMPTY.copy()
    mask[y, x] = True
    return mask


TRUTH = block(slice(10, 31), slice(5, 20))


def test_the_first_click_is_the_deepest_point() -> None:
    assert next_click(EMPTY, block(slice(10, 17), slice(5, 12))) == Click(13, 8, 1)


def test_a_missing_lump_is_clicked_as_the_objects() -> None:
    assert next_click(TRUTH & ~block(slice(20, 25), slice(10, 15)), TRUTH) == Click(22, 12, 1)


def test_an_extra_lump_is_clicked_away() -> None:
    assert next_click(TRUTH | block(slice(40, 45), slice(30, 35)), TRUTH) == Click(42, 32, 0)


def test_a_lump_weighs_more_than_a_longer_rim() -> None:
    rimmed = block(slice(9, 32), slice(4, 21))
    lump = block(slice(20, 25), slice(10, 15))

    assert (rimmed & ~TRUTH).sum() > lump.sum()
    assert next_click(rimmed & ~lump, TRUTH) == Click(22, 12, 1)


def test_a_perfect_mask_needs_no_click() -> None:
    assert next_click(TRUTH, TRUTH) is None


def test_a_box_ends_on_the_outermost_pixels() -> None:
    assert box_of(TRUTH) == (10, 5, 30, 19)


@pytest.mark.parametrize("seed", range(8))
def test_the_clicks_are_those_sam2_is_evaluated_with(seed: int) -> None:
    predicted, truth = np.random.default_rng(seed).random((2, 40, 50)) > 0.3

    points, labels = get_next_point(
        *(torch.from_numpy(m)[None, None] for m in (truth, predicted)), "center"
    )

    expected = Click(*points[0, 0].tolist(), int(labels[0, 0]))
    assert next_click(predicted, truth) == expected
