"""A point is followed along its object, whether the masks of the object are good or poor."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sam2_session.core.types import BoolMask, RGBImage
from sam2_session.inference.point_flow import PointFlow

SIZE_HW = (200, 300)
FRAMES = range(16)
STEP = (5.0, 2.0)  # px from frame to frame
TIP = np.array([130.0, 90.0])  # of a wedge, on frame 0
WEDGE = np.array([[0, 0], [-70, -22], [-70, 18]], np.float64)  # from its tip on


def drawn(frame_idx: int, skin: tuple[int, int, int]) -> tuple[RGBImage, BoolMask]:
    """A wedge of one colour that moves over a ground of others at rest."""
    dice = np.random.default_rng(1)
    coarse = dice.integers(40, 120, (10, 15, 3)).astype(np.uint8)
    image = np.ascontiguousarray(cv2.resize(coarse, SIZE_HW[::-1], interpolation=cv2.INTER_CUBIC))
    mask = np.zeros(SIZE_HW, np.uint8)
    corners = (WEDGE + TIP + np.multiply(STEP, frame_idx)) * 16
    cv2.fillPoly(mask, [corners.astype(np.int32)], 1, shift=4)
    image[mask > 0] = skin
    return cv2.GaussianBlur(image, (3, 3), 0), mask > 0


def poor(kind: str, mask_hw: BoolMask) -> BoolMask:
    mask = mask_hw.astype(np.uint8)
    if kind == "without its tip":
        mask[:, int(np.flatnonzero(mask.any(0))[-1]) - 18 :] = 0
    if kind == "elsewhere":
        mask = np.roll(mask, (14, -25), (0, 1))
    if kind == "too large":
        mask = cv2.dilate(mask, np.ones((15, 15), np.uint8))
    return mask > 0


@pytest.mark.parametrize("kind", ["exact", "without its tip", "elsewhere", "too large"])
def test_a_tip_is_followed_though_masks_of_later_frames_are_poor(kind: str) -> None:
    image, mask_hw = drawn(0, (200, 200, 190))
    flow = PointFlow(image, mask_hw, (TIP[0], TIP[1]))

    off = []
    for frame_idx in FRAMES[1:]:
        image, mask_hw = drawn(frame_idx, (200, 200, 190))
        found = flow.follow(image, poor(kind, mask_hw))
        assert found is not None, frame_idx
        off.append(float(np.hypot(*(found - TIP - np.multiply(STEP, frame_idx)))))

    assert np.median(off) < 1.0
    assert max(off) < 3.0


def test_a_tip_beside_the_mask_of_its_own_frame_is_followed_by_its_colours() -> None:
    image, mask_hw = drawn(0, (200, 200, 190))
    flow = PointFlow(image, poor("without its tip", mask_hw), (TIP[0], TIP[1]))

    image, mask_hw = drawn(1, (200, 200, 190))
    found = flow.follow(image, poor("without its tip", mask_hw))

    assert found is not None
    assert np.hypot(*(found - TIP - STEP)) < 2.0


def test_an_object_in_the_colours_of_the_ground_is_followed_by_its_mask() -> None:
    skin = (80, 80, 80)
    flow = PointFlow(*drawn(0, skin), (TIP[0], TIP[1]))

    found = flow.follow(*drawn(1, skin))

    assert found is not None
    assert np.hypot(*(found - TIP - STEP)) < 2.0


def test_a_point_that_is_gone_is_not_found_and_lost_after_a_while() -> None:
    image, mask_hw = drawn(0, (200, 200, 190))
    flow = PointFlow(image, mask_hw, (TIP[0], TIP[1]))
    ground, _ = drawn(0, (80, 80, 80))
    ground[60:120] = 80

    found = [flow.follow(ground, mask_hw) for _ in range(30)]

    assert set(found) == {None}
    assert flow.is_lost
