from __future__ import annotations

import numpy as np
import pytest

from training.clips import BoolMasks
from training.scoring import boundary_f, outline, region_iou, tolerance_px

EMPTY: BoolMasks = np.zeros((100, 100), np.bool_)  # its diagonal tolerates 2 px


def square(x: int, y: int, side: int = 40) -> BoolMasks:
    mask: BoolMasks = np.zeros((100, 100), np.bool_)
    mask[y : y + side, x : x + side] = True
    return mask


def test_a_perfect_mask_scores_one() -> None:
    mask = square(20, 30)

    assert region_iou(mask, mask) == 1.0
    assert boundary_f(mask, mask) == 1.0


def test_empty_is_right_where_the_truth_is_empty_and_wrong_elsewhere() -> None:
    some = square(20, 30)

    assert [region_iou(EMPTY, EMPTY), region_iou(EMPTY, some), region_iou(some, EMPTY)] == [1, 0, 0]
    assert [boundary_f(EMPTY, EMPTY), boundary_f(EMPTY, some), boundary_f(some, EMPTY)] == [1, 0, 0]


def test_region_iou_counts_pixels() -> None:
    assert region_iou(square(20, 20), square(30, 20)) == pytest.approx(30 / 50)
    assert region_iou(square(20, 20), square(20, 20, side=20)) == pytest.approx(0.25)


def test_a_shift_by_the_tolerance_costs_region_but_no_boundary() -> None:
    shifted = square(20 + tolerance_px((100, 100)), 30)

    assert tolerance_px((100, 100)) == 2
    assert boundary_f(square(20, 30), shifted) == 1.0
    assert region_iou(square(20, 30), shifted) == pytest.approx(38 / 42)


def test_a_shift_past_the_tolerance_costs_the_sides_that_moved_away() -> None:
    # 4 x 40 pixels of outline, of which two upright sides lie 3 px off, their ends within 2 px
    score = boundary_f(square(20, 30), square(23, 30))

    assert 0.5 < score < 0.6


def test_masks_far_apart_score_nothing() -> None:
    assert boundary_f(square(0, 0), square(55, 55)) == 0.0


def test_the_tolerance_grows_with_the_frame() -> None:
    assert [tolerance_px((256, 256)), tolerance_px((480, 854))] == [3, 8]


def test_the_frame_is_no_outline() -> None:
    assert not outline(np.ones((20, 20), np.bool_)).any()
    assert outline(square(0, 0)).sum() == 40 + 40 - 1
