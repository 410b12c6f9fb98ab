"""Choosing between the two masks of a fill."""

from __future__ import annotations

from pathlib import Path

from sam2_session.core.two_sides import LEAST_AGREEMENT, PassMask, takes_first


def test_of_masks_that_agree_the_nearer_prompted_frame_decides() -> None:
    assert takes_first(PassMask(1.0, 5), PassMask(9.0, 6), 0.95)
    assert not takes_first(PassMask(9.0, 6), PassMask(1.0, 5), 0.95)


def test_of_masks_that_disagree_the_surer_one_is_kept() -> None:
    assert not takes_first(PassMask(0.2, 10), PassMask(6.0, 12), 0.1)
    assert takes_first(PassMask(-8.0, 12), PassMask(0.1, 10), 0.0)  # surely not there


def test_far_from_its_prompted_frame_a_mask_counts_for_less() -> None:
    assert takes_first(PassMask(2.0, 2), PassMask(3.0, 30), 0.3)


def test_where_nothing_decides_the_first_pass_keeps_its_mask() -> None:
    assert takes_first(PassMask(1.0, 5), PassMask(9.0, 5), 0.95)
    assert takes_first(PassMask(2.0, 5), PassMask(-2.0, 5), 0.3)
    assert takes_first(PassMask(4.0, 5), PassMask(9.0, 5), 0.3)  # both are as sure as can be
    assert takes_first(PassMask(1.0, 0), PassMask(1.0, 0), 0.3)


def test_masks_agree_from_an_iou_of_four_fifths_on() -> None:
    near, sure = PassMask(0.5, 4), PassMask(9.0, 5)

    assert takes_first(near, sure, 0.8)
    assert not takes_first(near, sure, 0.79)


def test_the_page_calls_the_same_masks_apart() -> None:
    script = (Path(__file__).parents[2] / "static/js/core/agreement.js").read_text()

    assert f"LEAST_AGREEMENT = {LEAST_AGREEMENT};" in script
