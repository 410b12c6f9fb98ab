"""From raw JSON fields to checked values; past this line nobody checks again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sam2_session.core.errors import InvalidPrompt, InvalidRequest
from sam2_session.core.types import Box, FramePrompt, Point

MAX_INT = 2**53 - 1  # the largest integer every JSON reader keeps


def require_int(data: Mapping[str, Any], field: str, *, least: int = 0) -> int:
    """A whole number of at least `least`."""
    value = data.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_INT:
        raise InvalidRequest(f"{field} must be a whole number of {least} or more.")
    return value


def optional_int(data: Mapping[str, Any], field: str) -> int | None:
    """A whole number, or None when the field is absent or null."""
    return None if data.get(field) is None else require_int(data, field)


def require_text(data: Mapping[str, Any], field: str, *, most: int = 200) -> str:
    """A text that is not empty and not longer than `most`."""
    value = data.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
        raise InvalidRequest(f"{field} must be a printable text of 1 to {most} characters.")
    return value


def require_object(data: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """An object."""
    value = data.get(field)
    if not isinstance(value, Mapping):
        raise InvalidRequest(f"{field} must be an object.")
    return value


def parse_point(data: Any, size_hw: tuple[int, int]) -> Point:
    """A point ``{x, y, label}`` inside the frame."""
    if not isinstance(data, Mapping):
        raise InvalidPrompt("A point is an object {x, y, label}.")
    point = Point(data.get("x"), data.get("y"), data.get("label"))  # type: ignore[arg-type]
    require_inside(point.x, point.y, size_hw)
    return point


def parse_box(data: Any, size_hw: tuple[int, int]) -> Box | None:
    """A box ``[x0, y0, x1, y1]`` inside the frame, or None."""
    if data is None:
        return None
    if not isinstance(data, list | tuple) or len(data) != 4:
        raise InvalidPrompt("A box is [x0, y0, x1, y1].")
    box = Box(*data)
    require_inside(box.x0, box.y0, size_hw)
    require_inside(box.x1, box.y1, size_hw)
    return box


def parse_prompt(data: Mapping[str, Any], size_hw: tuple[int, int]) -> FramePrompt:
    """``{points, box}``."""
    points = data.get("points") or []
    if not isinstance(points, list):
        raise InvalidPrompt("points must be a list.")
    return FramePrompt(
        tuple(parse_point(point, size_hw) for point in points),
        parse_box(data.get("box"), size_hw),
    )


def require_inside(x: float, y: float, size_hw: tuple[int, int]) -> None:
    """Refuse coordinates outside the frame."""
    height, width = size_hw
    if not (0 <= x <= width and 0 <= y <= height):
        raise InvalidPrompt(
            f"({x:g}, {y:g}) lies outside the frame of {width}x{height}.",
            hint="Coordinates are source pixels, origin top left.",
        )
