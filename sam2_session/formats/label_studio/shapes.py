"""Converts Label Studio's shapes, given in percent of the image, to source pixels.

Every function returns None or raises `InvalidPrompt` for a value that is no such shape.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import BoolMask
from sam2_session.formats.images.png_images import decode_picture, picture_size
from sam2_session.formats.importing.json_input import number, numbers, point_array
from sam2_session.formats.importing.plan import MaskReader
from sam2_session.formats.label_studio.brush_decoder import (
    DRAWN,
    brush_bytes,
    brush_count,
    decode_brush,
)
from sam2_session.formats.shapes import filled_shapes
from sam2_session.formats.shapes.filled_shapes import Outline
from sam2_session.formats.shapes.resizing import resize_mask

Value = Mapping[str, Any]
PNG_URL = "data:image/png;base64,"


def rectangle(value: Value, size_hw: tuple[int, int]) -> Outline | None:
    """Corners of a rectangle, rotated in pixels because percent are not square."""
    found = numbers(value, "x", "y", "width", "height")
    if found is None:
        return None
    x, y, width, height = _to_pixels(found, size_hw)
    return filled_shapes.rectangle((x, y), (width, height), number(value.get("rotation")) or 0.0)


def keypoint(value: Value, size_hw: tuple[int, int]) -> tuple[float, float] | None:
    """Position of a keypoint."""
    found = numbers(value, "x", "y")
    if found is None:
        return None
    across, down = _sides(size_hw)
    return found[0] * across / 100, found[1] * down / 100


def polygon(value: Value, size_hw: tuple[int, int]) -> MaskReader | None:
    """Mask of a polygon's inside."""
    points = _percent_points(value.get("points"), size_hw)
    if points is None or len(points) < 3 or value.get("closed") is False:
        return None
    return lambda: filled_shapes.fill([points], size_hw)


def ellipse(value: Value, size_hw: tuple[int, int]) -> MaskReader | None:
    """Mask of an ellipse's inside."""
    found = numbers(value, "x", "y", "radiusX", "radiusY")
    if found is None or found[2] <= 0 or found[3] <= 0:
        return None
    x, y, across, down = _to_pixels(found, size_hw)
    outline = filled_shapes.ellipse((x, y), (across, down), number(value.get("rotation")) or 0.0)
    return lambda: filled_shapes.fill([outline], size_hw)


def brush(
    value: Value, drawn_hw: tuple[int, int] | None, size_hw: tuple[int, int]
) -> MaskReader | None:
    """Mask of a brush, resized if it was painted on an image of another size."""
    rle = value.get("rle")
    if not isinstance(rle, list) or value.get("format", "rle") != "rle":
        return None
    if drawn_hw is None:
        raise InvalidPrompt("The brush does not say the size of its image.")
    packed = brush_bytes(rle)
    brush_count(packed, drawn_hw)
    return lambda: resize_mask(decode_brush(packed, drawn_hw), size_hw)


def bitmask(value: Value, size_hw: tuple[int, int]) -> MaskReader | None:
    """Mask of an embedded PNG: its opaque pixels, or its light ones if it has no alpha."""
    url = value.get("imageDataURL")
    if not isinstance(url, str) or not url.startswith(PNG_URL):
        return None
    try:
        png = base64.b64decode(url[len(PNG_URL) :], validate=True)
    except ValueError as error:  # not base64, or not even ASCII
        raise InvalidPrompt("The bitmask's picture is broken.") from error
    picture_size(png)
    return lambda: resize_mask(_opaque(png), size_hw)


def vector(value: Value, size_hw: tuple[int, int]) -> Outline | None:
    """Outline of a closed path, with curves as short straight lines."""
    vertices = value.get("vertices")
    if value.get("closed") is not True or not isinstance(vertices, list):
        return None
    chain = _chain([vertex for vertex in vertices if isinstance(vertex, dict)])
    positions = [_position(vertex, size_hw) for vertex in chain]
    if len(chain) < 3 or any(position is None for position in positions):
        return None
    pieces = [
        _piece(before, after, size_hw)
        for before, after in zip(chain, [*chain[1:], chain[0]], strict=True)
    ]
    return np.concatenate(pieces)


def _sides(size_hw: tuple[int, int]) -> tuple[int, int]:
    return size_hw[1], size_hw[0]


def _to_pixels(percent: tuple[float, ...], size_hw: tuple[int, int]) -> Sequence[float]:
    pixels: Sequence[float] = (
        np.array(percent) * (*_sides(size_hw), *_sides(size_hw)) / 100
    ).tolist()
    return pixels


def _percent_points(points: object, size_hw: tuple[int, int]) -> Outline | None:
    pairs = point_array(points)
    return None if pairs is None else pairs * _sides(size_hw) / 100


def _opaque(png: bytes) -> BoolMask:
    picture = decode_picture(png)
    values = picture if picture.ndim == 2 else picture[:, :, -1]
    if picture.ndim == 3 and picture.shape[2] == 3:
        values = picture.max(axis=2)
    mask: BoolMask = values >= DRAWN
    return mask


def _chain(vertices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order vertices by `prevPointId`, leaving out those outside the chain."""
    after = {
        str(vertex.get("prevPointId")): vertex for vertex in vertices if vertex.get("prevPointId")
    }
    first = next((vertex for vertex in vertices if not vertex.get("prevPointId")), None)
    if first is None and vertices:
        first = vertices[0]
    chain: list[dict[str, Any]] = []
    while first is not None and len(chain) < len(vertices):
        chain.append(first)
        first = after.get(str(first.get("id")))
        if first is chain[0]:
            break
    return chain


def _position(vertex: Value, size_hw: tuple[int, int]) -> Outline | None:
    found = numbers(vertex, "x", "y")
    return None if found is None else np.array(found) * _sides(size_hw) / 100


def _piece(before: Value, after: Value, size_hw: tuple[int, int]) -> Outline:
    """Points from one vertex (left out) to the next (included)."""
    start, end = _position(before, size_hw), _position(after, size_hw)
    assert start is not None
    assert end is not None
    leaving = _control(before, "controlPoint2", size_hw)
    arriving = _control(after, "controlPoint1", size_hw)
    if leaving is None and arriving is None:
        return end[None]
    return filled_shapes.bezier(
        start,
        start if leaving is None else leaving,
        end if arriving is None else arriving,
        end,
    )


def _control(vertex: Value, name: str, size_hw: tuple[int, int]) -> Outline | None:
    point = vertex.get(name)
    if vertex.get("isBezier") is not True or not isinstance(point, dict):
        return None
    return _position(point, size_hw)
