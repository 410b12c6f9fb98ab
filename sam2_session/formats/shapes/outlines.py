"""Traces the outlines of a mask, with holes, as closed polygons, in bounded time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask

MAX_WORK = 64_000_000  # pairs of corners that are compared to join rings: half a second
MAX_WORK_PER_CUT = 4_000_000
Outline = npt.NDArray[np.int32]  # points_n2: x, y of pixels


class Traced(NamedTuple):
    """Outlines, and how many of the smallest rings were left out to bound the time."""

    outlines: list[Outline]
    left_out: int = 0


def outlines_of(mask_hw: BoolMask, *, tolerance_px: float = 0.0) -> Traced:
    """Trace one outline per piece; a cut there and back joins each hole to its outline.

    Corners closer than `tolerance_px` to the simplified line are left out.
    """
    found, tree = cv2.findContours(
        mask_hw.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE
    )
    if not found:
        return Traced([])
    rings = [_simplified(ring, tolerance_px) for ring in found]
    parents = np.asarray(tree).reshape(-1, 4)[:, 3].tolist()
    pieces = {at: [rings[at]] for at, parent in enumerate(parents) if parent < 0}
    for at, parent in enumerate(parents):
        if parent >= 0:
            pieces[parent].append(rings[at])
    corners = sum(map(len, rings))
    whole = [
        joined(piece, most_work=MAX_WORK * sum(map(len, piece)) // corners)
        for piece in pieces.values()
    ]
    return Traced([piece.outlines[0] for piece in whole], sum(piece.left_out for piece in whole))


def joined(rings: Sequence[Outline], *, most_work: int = MAX_WORK) -> Traced:
    """Join rings into one outline, each by a short cut between two corners.

    The first ring stays. Of so many that more than `most_work` pairs of corners would be compared,
    the smallest are left out.
    """
    kept = _affordable(rings[0], rings[1:], most_work)
    whole = rings[0]
    for ring in kept:
        at, other = _nearest(whole, ring)
        turned = np.concatenate([ring[other:], ring[: other + 1]])  # ends where it began
        whole = np.concatenate([whole[: at + 1], turned, whole[at:]])
    return Traced([whole], len(rings) - 1 - len(kept))


def _affordable(first: Outline, rest: Sequence[Outline], most_work: int) -> Sequence[Outline]:
    """Choose the rings to join to the first: all, or the largest ones."""
    if not rest or _work(first, rest)[-1] <= most_work:
        return rest
    by_size = sorted(range(len(rest)), key=lambda at: -cv2.contourArea(rest[at]))
    works = _work(first, [rest[at] for at in by_size])
    chosen = sorted(by_size[: sum(work <= most_work for work in works)])
    return [rest[at] for at in chosen]


def _work(first: Outline, rest: Sequence[Outline]) -> list[int]:
    """Count the comparisons of joining these rings in turn, up to and including each."""
    length, done, works = len(first), 0, []
    for ring in rest:
        done += min(length * len(ring), MAX_WORK_PER_CUT) + length
        length += len(ring) + 2
        works.append(done)
    return works


def _nearest(whole: Outline, ring: Outline) -> tuple[int, int]:
    """Find the two closest corners, as an index into each ring; of very many, among some."""
    step = 1
    while len(whole[::step]) * len(ring[::step]) > MAX_WORK_PER_CUT:
        step *= 2
    best, corners = np.inf, (0, 0)
    some = whole[::step]
    for other in range(0, len(ring), step):
        away = ((some - ring[other]).astype(np.int64) ** 2).sum(axis=1)
        at = int(away.argmin())
        if away[at] < best:
            best, corners = float(away[at]), (at * step, other)
    return corners


def _simplified(ring: cv2.typing.MatLike, tolerance_px: float) -> Outline:
    kept = cv2.approxPolyDP(ring, tolerance_px, True) if tolerance_px else ring
    points = np.asarray(kept, np.int32).reshape(-1, 2)
    return points if len(points) >= 3 else np.resize(points, (3, 2))  # a pixel or two
