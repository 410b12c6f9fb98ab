"""Converts CVAT's shapes, in pixels of the frames they were drawn on.

Every function raises `InvalidPrompt` for a broken shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import BoolMask
from sam2_session.formats.importing.json_input import number_of
from sam2_session.formats.importing.plan import MaskReader
from sam2_session.formats.shapes import filled_shapes
from sam2_session.formats.shapes.filled_shapes import Outline
from sam2_session.formats.shapes.resizing import resize_mask

Attributes = Mapping[str, str]
Size = tuple[int, int]


def outline(kind: str, values: Attributes) -> Outline:
    """Corners of a box, ellipse or polygon; for points, the points themselves."""
    degrees = number_of(values.get("rotation", "0")) or 0.0
    if kind == "box":
        x0, y0, x1, y1 = _numbers(values, "xtl", "ytl", "xbr", "ybr")
        corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
        return filled_shapes.turn(corners, ((x0 + x1) / 2, (y0 + y1) / 2), degrees)
    if kind == "ellipse":
        x, y, across, down = _numbers(values, "cx", "cy", "rx", "ry")
        return filled_shapes.ellipse((x, y), (across, down), degrees)
    pairs = [pair.split(",") for pair in values.get("points", "").split(";")]
    points = [[number_of(value) for value in pair] for pair in pairs]
    if any(len(point) != 2 or None in point for point in points):
        raise InvalidPrompt("Its points are not a list of x,y pairs.")
    return np.array(points, np.float64)


def mask_reader(values: Attributes, drawn_hw: Size, size_hw: Size) -> MaskReader:
    """Make a reader that decodes the mask later; its position is checked now."""
    left, top, width, height = map(int, _numbers(values, "left", "top", "width", "height"))
    inside = min(left, top) >= 0 and min(width, height) > 0
    if not inside or left + width > drawn_hw[1] or top + height > drawn_hw[0]:
        raise InvalidPrompt("The mask lies outside its frame.")
    box = (left, top, width, height)
    return partial(_decode, values.get("rle", ""), box, drawn_hw, size_hw)


def _decode(rle: str, box: tuple[int, int, int, int], drawn_hw: Size, size_hw: Size) -> BoolMask:
    """Decode run lengths along the rows of the mask's box, zeros first."""
    left, top, width, height = box
    try:
        runs = np.array(rle.split(","), np.int64)
    except (ValueError, OverflowError) as error:
        raise InvalidPrompt("The mask's runs are no numbers.") from error
    if (runs < 0).any() or (runs > width * height).any() or runs.sum() != width * height:
        raise InvalidPrompt("The mask's runs do not make up its box.")
    mask_hw = np.zeros(drawn_hw, np.bool_)
    drawn = np.repeat(np.arange(runs.size) % 2 == 1, runs).reshape(height, width)
    mask_hw[top : top + height, left : left + width] = drawn
    return resize_mask(mask_hw, size_hw)


def _numbers(values: Attributes, *names: str) -> tuple[float, ...]:
    found = [number_of(values.get(name)) for name in names]
    if None in found:
        raise InvalidPrompt("The shape is not whole.")
    return tuple(value for value in found if value is not None)
