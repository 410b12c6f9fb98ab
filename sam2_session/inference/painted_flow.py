"""Follows one point of an object from frame to frame, by optical flow inside the object.

Lucas-Kanade, forward and back. The background is painted over in one colour first, so that what
moves behind the object, or in front of it, does not pull the point along.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask, RGBImage
from sam2_session.inference.frame_patches import HALF, Colour, Floats, Patch, cut
from sam2_session.inference.object_colours import ObjectColours

WINDOW = 13  # px; side of the window that Lucas-Kanade compares
LEVELS = 3  # of the pyramid: steps of some 50 px are found
AROUND, FEATURES = 40, 60  # px and number: what moves with the point
MOST_BACK = 1.5  # px that a point may be off after going there and back
LEAST_ALIKE = 0.6  # correlation of the surroundings with those of the placed point
ALIKE_HALF = 14  # px; half the side of these surroundings
PATIENCE = 12  # frames without a trace before a point counts as lost for good
CRITERIA = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 0.01)

Singles = npt.NDArray[np.float32]


class PaintedFlow:
    """A point on its way, inside of masks or of what has an object's colours.

    `at` are pixels of the frame times `scale`. `is_lost` once there was no trace for `PATIENCE`
    frames.
    """

    def __init__(
        self,
        frame_rgb: RGBImage,
        mask_hw: BoolMask,
        at: Floats,
        *,
        scale: float,
        ground: Colour,
        colours: ObjectColours | None = None,
    ) -> None:
        self._scale, self._at = scale, at
        self._ground, self._colours = ground, colours
        self._placed = self._patch(frame_rgb, mask_hw)
        self._seen = self._placed  # around the point where it was seen last
        self._motion = np.eye(3)  # from the placed point's frame to the newest
        self._missed = 0 if self._placed.has_mask_at(self._at) else PATIENCE

    @property
    def is_lost(self) -> bool:
        """Return whether following it on is of no use."""
        return self._missed >= PATIENCE

    def miss(self) -> None:
        """Go on to a frame on which the object is absent."""
        self._missed += 1

    def follow(self, frame_rgb: RGBImage, mask_hw: BoolMask) -> Floats | None:
        """Find the point on the next frame; None where a check fails."""
        moved = self._moved(self._patch(frame_rgb, mask_hw))
        if moved is None:
            self.miss()
            return None
        at, motion = moved
        before, self._at = self._at, at
        seen = self._patch(frame_rgb, mask_hw)
        if not self._is_alike(seen, motion, mask_hw):
            self._at = before
            self.miss()
            return None
        self._seen, self._motion, self._missed = seen, motion, 0
        return at

    def _moved(self, patch: Patch) -> tuple[Floats, Floats] | None:
        """Return where the point is and the motion up to there, both checked forward and back."""
        if not patch.mask_hw.any():
            return None
        step = self._step(patch)
        if step is None:
            return None
        motion = step @ self._motion
        at = _applied(step, self._at)
        correction = self._correction(patch, motion, at)
        return _applied(correction, at), correction @ motion

    def _step(self, patch: Patch) -> Floats | None:
        """Estimate the motion since the point was seen, from what moves with it and from itself."""
        own = (self._at - self._seen.corner).astype(np.float32)
        points = np.vstack([_features(self._seen, own), own[None]])
        found, is_good = _there_and_back(self._seen.image, patch.image, points)
        similar = _similarity(points[is_good], found[is_good], 0.8, 1.25)
        if similar is None and not is_good[-1]:
            return None
        step = _shift(found[-1] - own) if similar is None else similar
        drift = found[-1] - _applied(step, own.astype(np.float64))
        if is_good[-1] and np.hypot(*drift) < 4:  # a point far off has slipped along an edge
            step = _shift(drift) @ step
        return _shift(patch.corner) @ step @ _shift(-self._seen.corner)

    def _correction(self, patch: Patch, motion: Floats, at: Floats) -> Floats:
        """Compare with the placed point's surroundings, so that small errors do not add up."""
        looks = self._carried(patch, motion)
        own = (at - patch.corner).astype(np.float32)
        reach = np.array([-12, 0, 12], np.float32)
        points = np.stack(np.meshgrid(reach, reach), -1).reshape(-1, 2) + own
        found, is_good = _there_and_back(looks, patch.image, points)
        drift = found[4] - own
        if not is_good[4] or np.hypot(*drift) >= 6:
            return np.eye(3)
        similar = _similarity(points[is_good], found[is_good], 0.9, 1.1)
        change = _shift(drift)
        if similar is not None:
            change = _shift(found[4] - _applied(similar, own.astype(np.float64))) @ similar
        return _shift(patch.corner) @ change @ _shift(-patch.corner)

    def _is_alike(self, patch: Patch, motion: Floats, mask_hw: BoolMask) -> bool:
        """Return whether the point is in the frame, at its mask, and looks as it was placed."""
        height, width = np.array(mask_hw.shape) * self._scale
        x, y = self._at
        if not (0 <= x < width and 0 <= y < height) or not patch.has_mask_at(self._at):
            return False
        near = slice(HALF - ALIKE_HALF, HALF + ALIKE_HALF + 1)
        looks = self._carried(patch, motion)[near, near]
        return _correlation(looks, patch.image[near, near]) >= LEAST_ALIKE

    def _carried(self, patch: Patch, motion: Floats) -> RGBImage:
        """Draw the placed point's surroundings as they would look in a patch after a motion."""
        matrix = (_shift(-patch.corner) @ motion @ _shift(self._placed.corner))[:2]
        side = 2 * HALF
        drawn = cv2.warpAffine(
            self._placed.image, matrix, (side, side), borderValue=[float(v) for v in self._ground]
        )
        return np.asarray(drawn, np.uint8)

    def _patch(self, frame_rgb: RGBImage, mask_hw: BoolMask) -> Patch:
        """Cut the surroundings of the point out, and paint the background over."""
        patch = cut(frame_rgb, mask_hw, self._at, self._scale, self._ground)
        inside = patch.mask_hw
        if self._colours is not None:
            inside = self._colours.mask(patch.image) & patch.framed_hw
        return patch.painted(inside, self._ground)


def _features(patch: Patch, xy: Singles) -> Singles:
    """Find corners of the object around a point, which can be followed well."""
    grey = cv2.cvtColor(patch.image, cv2.COLOR_RGB2GRAY)
    where = np.zeros(grey.shape, np.uint8)
    cv2.circle(where, (round(float(xy[0])), round(float(xy[1]))), AROUND, 255, -1)
    where[~patch.mask_hw] = 0
    found = cv2.goodFeaturesToTrack(grey, FEATURES, 0.01, 3, mask=where, blockSize=5)
    return np.zeros((0, 2), np.float32) if found is None else cast(Singles, found.reshape(-1, 2))


def _there_and_back(
    one: RGBImage, other: RGBImage, points: Singles
) -> tuple[Singles, npt.NDArray[np.bool_]]:
    """Follow points from one picture to another, and tell which of them come back."""
    found, is_there = _flow(one, other, points)
    back, is_back = _flow(other, one, found)
    off = np.linalg.norm(back - points, axis=1)
    return found, is_there & is_back & (off < MOST_BACK)


def _flow(one: RGBImage, other: RGBImage, points: Singles) -> tuple[Singles, npt.NDArray[np.bool_]]:
    start = points.astype(np.float32).reshape(-1, 1, 2)
    found, status, _ = cv2.calcOpticalFlowPyrLK(
        one, other, start, start.copy(), winSize=(WINDOW, WINDOW), maxLevel=LEVELS,
        criteria=CRITERIA,
    )  # fmt: skip
    return cast(Singles, found.reshape(-1, 2)), np.asarray(status.ravel() > 0, np.bool_)


def _similarity(one: Singles, other: Singles, least: float, most: float) -> Floats | None:
    """Fit turn, size and shift to most of the points; None for too few, or a size beyond bounds."""
    if len(one) < 4:
        return None
    cv2.setRNGSeed(0)  # the same points give the same motion
    fitted, _ = cv2.estimateAffinePartial2D(
        one, other, method=cv2.RANSAC, ransacReprojThreshold=1.5
    )
    if fitted is None or not least < np.sqrt(abs(np.linalg.det(fitted[:, :2]))) < most:
        return None
    return np.vstack([fitted, [0.0, 0.0, 1.0]])


def _shift(by: npt.ArrayLike) -> Floats:
    matrix = np.eye(3)
    matrix[:2, 2] = by
    return matrix


def _applied(matrix: Floats, xy: Floats) -> Floats:
    return np.asarray(matrix[:2, :2] @ xy + matrix[:2, 2], np.float64)


def _correlation(one: RGBImage, other: RGBImage) -> float:
    """Compare two pictures without regard to brightness and contrast: 1 is the same."""
    left, right = (
        picture - picture.mean(axis=(0, 1)) for picture in (one.astype(float), other.astype(float))
    )
    strength = float(np.sqrt((left**2).sum() * (right**2).sum()))
    return float((left * right).sum()) / strength if strength > 0 else 0.0
