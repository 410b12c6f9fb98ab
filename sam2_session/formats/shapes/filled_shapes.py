"""Shapes drawn elsewhere as masks: polygons, ellipses and curves, in source pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import BoolMask

Outline = npt.NDArray[np.float64]  # (n, 2): x, y; the frame's edge is 0 and its width or height
MAX_CROSSINGS = 5_000_000  # of an outline's edges with rows of pixels; each takes fifty bytes
ELLIPSE_CORNERS = 180
BEZIER_STEPS = 16


def fill(outlines: Sequence[Outline], size_hw: tuple[int, int]) -> BoolMask:
    """The pixels whose centre lies inside one of the outlines, each filled even-odd."""
    mask_hw = np.zeros(size_hw, np.bool_)
    for outline in outlines:
        if len(outline) < 3 or not np.isfinite(outline).all():
            raise InvalidPrompt("An outline needs three points or more.")
        _fill_one(mask_hw, outline)
    return mask_hw


def turn(points: Outline, about: tuple[float, float], degrees: float) -> Outline:
    """Turn points clockwise, as seen on screen."""
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    turned: Outline = (points - about) @ np.array([[cos, sin], [-sin, cos]]) + about
    return turned


def rectangle(corner: tuple[float, float], sides: tuple[float, float], degrees: float) -> Outline:
    """The corners of a rectangle that is turned clockwise about its top left one."""
    (x, y), (width, height) = corner, sides
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    return turn(corners, corner, degrees) if degrees else corners


def ellipse(centre: tuple[float, float], radii: tuple[float, float], degrees: float) -> Outline:
    """An ellipse that is turned clockwise about its centre."""
    angles = np.linspace(0, 2 * np.pi, ELLIPSE_CORNERS, endpoint=False)
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii + centre
    return turn(points, centre, degrees)


def bezier(start: Outline, control1: Outline, control2: Outline, end: Outline) -> Outline:
    """A cubic curve as straight pieces, without its first point."""
    t = np.linspace(0, 1, BEZIER_STEPS + 1)[1:, None]
    curve: Outline = (
        (1 - t) ** 3 * start
        + 3 * (1 - t) ** 2 * t * control1
        + 3 * (1 - t) * t**2 * control2
        + t**3 * end
    )
    return curve


def bounds(points: Outline) -> tuple[float, float, float, float]:
    """The upright box around points: x0, y0, x1, y1."""
    x0, y0 = points.min(axis=0)
    x1, y1 = points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _fill_one(mask_hw: BoolMask, outline: Outline) -> None:
    """Every edge toggles what lies right of it in the rows it crosses."""
    height, width = mask_hw.shape
    start, end = outline, np.roll(outline, -1, axis=0)
    upper = np.where((start[:, 1] <= end[:, 1])[:, None], start, end)
    lower = np.where((start[:, 1] <= end[:, 1])[:, None], end, start)
    first = np.clip(np.ceil(upper[:, 1] - 0.5), 0, height).astype(np.int64)
    last = np.clip(np.ceil(lower[:, 1] - 0.5), 0, height).astype(np.int64)  # not crossed any more
    counts = last - first
    if counts.sum() > MAX_CROSSINGS:
        raise InvalidPrompt("The outline is too intricate.", hint="Export it as a mask.")
    edge = np.repeat(np.arange(len(outline)), counts)
    within = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    row = first[edge] + within
    run, rise = (lower - upper)[edge].T
    x = upper[edge, 0] + (row + 0.5 - upper[edge, 1]) * (run / rise)
    column = np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)
    top, bottom, stride = int(first.min()), int(last.max()), width + 1
    places = (row - top) * stride + column
    toggles = np.bincount(places, minlength=(bottom - top) * stride).astype(np.uint8)
    crossed = np.cumsum(toggles.reshape(-1, stride), axis=1, dtype=np.uint8)
    mask_hw[top:bottom] |= (crossed[:, :width] & 1).astype(np.bool_)
