"""Traces the outlines of a mask, with holes, as closed polygons."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask

Outline = npt.NDArray[np.int32]  # points_n2: x, y of pixels


def outlines_of(mask_hw: BoolMask, *, tolerance_px: float = 0.0) -> list[Outline]:
    """Trace one outline per piece; a cut there and back joins each hole to its outline.

    Corners closer than `tolerance_px` to the simplified line are left out.
    """
    found, tree = cv2.findContours(
        mask_hw.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE
    )
    if not found:
        return []
    rings = [_simplified(ring, tolerance_px) for ring in found]
    parents = np.asarray(tree).reshape(-1, 4)[:, 3]
    pieces = []
    for at in np.flatnonzero(parents < 0):
        holes = [rings[hole] for hole in np.flatnonzero(parents == at)]
        pieces.append(joined([rings[at], *holes]))
    return pieces


def joined(rings: Sequence[Outline]) -> Outline:
    """Join rings into one outline, each by the shortest cut between two corners."""
    whole = rings[0]
    for ring in rings[1:]:
        at, other = _nearest(whole, ring)
        turned = np.concatenate([ring[other:], ring[: other + 1]])  # ends where it began
        whole = np.concatenate([whole[: at + 1], turned, whole[at:]])
    return whole


def _nearest(whole: Outline, ring: Outline) -> tuple[int, int]:
    """Find the two closest corners, as an index into each ring."""
    best, corners = np.inf, (0, 0)
    for other, corner in enumerate(ring):
        away = ((whole - corner).astype(np.int64) ** 2).sum(axis=1)
        at = int(away.argmin())
        if away[at] < best:
            best, corners = float(away[at]), (at, other)
    return corners


def _simplified(ring: cv2.typing.MatLike, tolerance_px: float) -> Outline:
    kept = cv2.approxPolyDP(ring, tolerance_px, True) if tolerance_px else ring
    points = np.asarray(kept, np.int32).reshape(-1, 2)
    return points if len(points) >= 3 else np.resize(points, (3, 2))  # a pixel or two
