"""Outlines of a mask: one closed polygon for each object, holes and separate pieces included."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask

Outline = npt.NDArray[np.int32]  # points_n2: x, y of pixels


def outlines_of(mask_hw: BoolMask, *, tolerance_px: float = 0.0) -> list[Outline]:
    """One outline for each piece; a hole hangs on its outline by a cut that is gone both ways.

    `tolerance_px` leaves out corners that lie closer to the line than that.
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
    """Several rings as one, each hung on what is there by the shortest cut between corners."""
    whole = rings[0]
    for ring in rings[1:]:
        at, other = _nearest(whole, ring)
        turned = np.concatenate([ring[other:], ring[: other + 1]])  # back to where it began
        whole = np.concatenate([whole[: at + 1], turned, whole[at:]])
    return whole


def _nearest(whole: Outline, ring: Outline) -> tuple[int, int]:
    """The two corners with the least distance."""
    best, place = np.inf, (0, 0)
    for other, corner in enumerate(ring):
        away = ((whole - corner).astype(np.int64) ** 2).sum(axis=1)
        at = int(away.argmin())
        if away[at] < best:
            best, place = float(away[at]), (at, other)
    return place


def _simplified(ring: cv2.typing.MatLike, tolerance_px: float) -> Outline:
    kept = cv2.approxPolyDP(ring, tolerance_px, True) if tolerance_px else ring
    points = np.asarray(kept, np.int32).reshape(-1, 2)
    return points if len(points) >= 3 else np.resize(points, (3, 2))  # a pixel or two
