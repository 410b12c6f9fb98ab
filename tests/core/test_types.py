from __future__ import annotations

import math
from typing import Any

import pytest

from sam2_session.core.errors import InvalidPrompt, InvalidRequest, VideoNotFound, error_fields
from sam2_session.core.types import (
    MAX_NAME_CHARS,
    MAX_POINTS_PER_FRAME,
    Box,
    FramePrompt,
    Keypoint,
    Point,
    require_inside,
    require_name,
)


@pytest.mark.parametrize(
    "values",
    [
        (math.nan, 0, 1),
        (0, math.inf, 1),
        (0, 0, 2),
        (0, 0, True),
        (0, 0, 1.0),
        (None, 0, 1),
        ("1", 0, 1),
        (True, 0, 1),
    ],
)
def test_a_point_refuses_what_is_no_click(values: tuple[Any, Any, Any]) -> None:
    with pytest.raises(InvalidPrompt):
        Point(*values)


@pytest.mark.parametrize("corners", [(5, 0, 5, 9), (9, 0, 5, 9), (0, 0, math.nan, 9)])
def test_a_box_needs_its_corners_in_order(corners: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidPrompt):
        Box(*corners)


def test_a_prompt_survives_the_wire() -> None:
    prompt = FramePrompt((Point(1.25, 2, 1), Point(3, 4, 0)), Box(0, 1, 2, 3))

    assert FramePrompt.from_wire(prompt.to_wire()) == prompt


def test_whole_numbers_and_floats_name_the_same_place() -> None:
    assert repr(Point(30, 40, 1)) == repr(Point(30.0, 40.0, 1))


def test_only_an_empty_prompt_is_false() -> None:
    assert not FramePrompt()
    assert FramePrompt((Point(0, 0, 0),))
    assert FramePrompt((), Box(0, 0, 1, 1))


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201, 7, None])
def test_a_name_is_a_printable_text(name: Any) -> None:
    with pytest.raises(InvalidRequest):
        require_name("name", name)


def test_a_name_may_be_as_long_as_the_limit() -> None:
    require_name("name", "x" * MAX_NAME_CHARS)
    for chars in (MAX_NAME_CHARS + 1, MAX_NAME_CHARS + 2):
        with pytest.raises(InvalidRequest, match="at most"):
            require_name("name", "x" * chars)


def test_a_frame_takes_as_many_points_as_the_limit() -> None:
    point = Point(1, 2, 1)

    assert len(FramePrompt((point,) * MAX_POINTS_PER_FRAME).points) == MAX_POINTS_PER_FRAME
    for count in (MAX_POINTS_PER_FRAME + 1, MAX_POINTS_PER_FRAME + 2):
        with pytest.raises(InvalidPrompt, match="at most"):
            FramePrompt((point,) * count)


def test_a_keypoint_is_checked_at_birth() -> None:
    with pytest.raises(InvalidRequest):
        Keypoint(1, 0, 3.0, 4.0, "")


def test_an_error_says_what_to_do_and_an_unknown_one_shows_nothing() -> None:
    assert error_fields(VideoNotFound("x"))["status"] == 404
    assert "videos/" in error_fields(VideoNotFound("x"))["hint"]
    assert "secret" not in str(error_fields(RuntimeError("secret")))


@pytest.mark.parametrize(("x", "y"), [(0, 0), (160, 90), (0, 90), (160, 0), (80.5, 45.5)])
def test_the_edges_of_a_frame_are_inside(x: float, y: float) -> None:
    require_inside(x, y, (90, 160))


@pytest.mark.parametrize(("x", "y"), [(-0.5, 1), (1, -0.5), (160.5, 1), (1, 90.5)])
def test_beyond_its_edges_is_outside(x: float, y: float) -> None:
    with pytest.raises(InvalidPrompt, match="outside the frame of 160x90"):
        require_inside(x, y, (90, 160))
