"""Each step of cleaning does what it says, and nothing beside the object changes."""

from __future__ import annotations

import numpy as np
import pytest

from sam2_session.core.cleaning import Cleaning
from sam2_session.core.types import BoolMask
from sam2_session.formats.shapes.cleaning import clean_mask

SIZE_HW = (60, 80)


def square(y: int, x: int, side: int = 20) -> BoolMask:
    mask_hw = np.zeros(SIZE_HW, np.bool_)
    mask_hw[y : y + side, x : x + side] = True
    return mask_hw


def test_holes_below_the_area_are_filled() -> None:
    mask_hw = square(10, 10)
    mask_hw[12:14, 12:14] = False  # 4 px
    mask_hw[20:24, 20:24] = False  # 16 px

    cleaned_hw = clean_mask(mask_hw, Cleaning(fill_holes=5))

    assert cleaned_hw[12:14, 12:14].all()
    assert not cleaned_hw[20:24, 20:24].any()
    assert (clean_mask(mask_hw, Cleaning(fill_holes=17)) == square(10, 10)).all()


def test_a_bay_at_the_edge_of_the_frame_is_no_hole() -> None:
    mask_hw = square(0, 0)
    mask_hw[0:2, 5:7] = False

    assert (clean_mask(mask_hw, Cleaning(fill_holes=1000)) == mask_hw).all()


def test_specks_below_the_area_are_dropped() -> None:
    mask_hw = square(10, 10) | square(50, 70, 2) | square(40, 60, 5)

    cleaned_hw = clean_mask(mask_hw, Cleaning(drop_specks=5))

    assert (cleaned_hw == (square(10, 10) | square(40, 60, 5))).all()
    assert not clean_mask(mask_hw, Cleaning(drop_specks=401)).any()


@pytest.mark.parametrize(("grow", "side"), [(2, 24), (-3, 14)])
def test_the_edge_moves_by_as_many_pixels(grow: int, side: int) -> None:
    cleaned_hw = clean_mask(square(20, 20), Cleaning(grow=grow))

    assert cleaned_hw.any(axis=1).sum() == side
    assert cleaned_hw.any(axis=0).sum() == side


def test_an_object_that_leaves_the_frame_does_not_shrink_away_from_its_border() -> None:
    cleaned_hw = clean_mask(square(0, 0), Cleaning(grow=-3))

    assert (cleaned_hw == square(0, 0, 17)).all()


def test_smoothing_rounds_corners_and_takes_a_spike_away() -> None:
    mask_hw = square(20, 20)
    mask_hw[30, 40:46] = True

    cleaned_hw = clean_mask(mask_hw, Cleaning(smooth=2))

    assert not cleaned_hw[30, 42:].any()
    assert not cleaned_hw[20, 20]
    assert cleaned_hw[30, 30]
    assert abs(int(cleaned_hw.sum()) - 400) < 20


def test_nothing_is_done_unasked() -> None:
    empty_hw = np.zeros(SIZE_HW, np.bool_)

    assert (clean_mask(square(3, 3), Cleaning()) == square(3, 3)).all()
    assert not clean_mask(empty_hw, Cleaning(fill_holes=50, grow=5)).any()


def test_a_rule_reads_what_it_wrote() -> None:
    rule = Cleaning(fill_holes=20, grow=-1)

    assert Cleaning.from_json(rule.to_json()) == rule
    assert rule
    assert not Cleaning()
