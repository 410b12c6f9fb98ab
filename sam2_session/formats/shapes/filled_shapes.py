"""Turns polygons, ellipses and curves into masks, in source pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import BoolMask

Outline = npt.NDArray[np.float64]  # (n, 2): x, y from 0 to the frame's width and height
MAX_CROSSINGS = 5_000_000  # of edges with pixel rows; each takes fifty bytes
ELLIPSE_CORNERS = 180
BEZIER_STEPS = 16


def fill(outlines: Sequence[Outline], size_hw: tuple[int, int]) -> BoolMask:
    """Fill outlines even-odd, setting the pixels whose centre lies inside.

    Raises `InvalidPrompt` for an outline with fewer than three points, or too many edges.
    """
    mask_hw = np.zeros(size_hw, np.bool_)
    for outline in outlines:
        if len(outline) < 3 or not np.isfinite(outline).all():
            raise InvalidPrompt("An outline needs three points or more.")
        _fill_one(mask_hw, outline)
    return mask_hw


def turn(points: Outline, about: tuple[float, float], degrees: float) -> Outline:
    """Rotate points clockwise, as seen on screen."""
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    turned: Outline = (points - about) @ np.array([[cos, sin], [-sin, cos]]) + about
    return turned


def rectangle(corner: tuple[float, float], sides: tuple[float, float], degrees: float) -> Outline:
    """Corners of a rectangle, rotated clockwise about its top left corner."""
    (x, y), (width, height) = corner, sides
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    return turn(corners, corner, degrees) if degrees else corners


def ellipse(centre: tuple[float, float], radii: tuple[float, float], degrees: float) -> Outline:
    """Outline of an ellipse, rotated clockwise about its centre."""
    angles = np.linspace(0, 2 * np.pi, ELLIPSE_CORNERS, endpoint=False)
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii + centre
    return turn(points, centre, degrees)


def bezier(start: Outline, control1: Outline, control2: Outline, end: Outline) -> Outline:
    """Split a cubic Bézier curve into straight pieces; the first point is left out."""
    t = np.linspace(0, 1, BEZIER_STEPS + 1)[1:, None]
    curve: Outline = (
        (1 - t) ** 3 * start
        + 3 * (1 - t) ** 2 * t * control1
        + 3 * (1 - t) * t**2 * control2
        + t**3 * end
    )
    return curve


def bounds(points: Outline) -> tuple[float, float, float, float]:
    """Upright box around points: x0, y0, x1, y1."""
    x0, y0 = points.min(axis=0)
    x1, y1 = points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _fill_one(mask_hw: BoolMask, outline: Outline) -> None:
    """Fill one outline: each edge toggles the pixels to its right in the rows it crosses."""
    height, width = mask_hw.shape
    start, end = outline, np.roll(outline, -1, axis=0)
    upper = np.where((start[:, 1] <= end[:, 1])[:, None], start, end)
    lower = np.where((start[:, 1] <= end[:, 1])[:, None], end, start)
    first = np.clip(np.ceil(upper[:, 1] - 0.5), 0, height).astype(np.int64)
    last = np.clip(np.ceil(lower[:, 1] - 0.5), 0, height).astype(np.int64)  # first row below
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
    cells = (row - top) * stride + column
    toggles = np.bincount(cells, minlength=(bottom - top) * stride).astype(np.uint8)
    crossed = np.cumsum(toggles.reshape(-1, stride), axis=1, dtype=np.uint8)
    mask_hw[top:bottom] |= (crossed[:, :width] & 1).astype(np.bool_)
