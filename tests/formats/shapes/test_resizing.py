"""Masks are scaled to the video and stay binary."""

from __future__ import annotations

import numpy as np

from sam2_session.formats.shapes.resizing import resize_mask

MASK = np.array([[True, False], [False, True]])


def test_a_mask_of_the_right_size_is_returned_unchanged() -> None:
    assert resize_mask(MASK, (2, 2)) is MASK


def test_each_pixel_becomes_a_block() -> None:
    expected = np.kron(MASK, np.ones((3, 2), np.bool_)).astype(np.bool_)

    assert np.array_equal(resize_mask(MASK, (6, 4)), expected)
