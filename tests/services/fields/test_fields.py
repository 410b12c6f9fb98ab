"""Fields refuse rubbish, and say in plain words which field is wrong and what it must be."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.types import Direction, Point
from sam2_session.services.fields.fields import (
    UNSET,
    BoxCorners,
    Colour,
    OfFrame,
    Points,
    Revision,
    Span,
    UnsetType,
    given,
    read_fields,
    without_key,
)

FRAME = {"video_id": "clip", "instance_id": 1, "region": "shaft", "frame_idx": 0}
CLICK = {"x": 1, "y": 1, "label": 1}
WHOLE = "a whole number of 0 or more"
PRINTABLE = "a printable text of 1 to 200 characters"


class Everything(OfFrame, frozen=True, kw_only=True):
    points: Points = []
    box: BoxCorners | None = None
    spans: list[Span] = []
    direction: Direction | None = None
    form: Literal["rgba"] | None = None
    colour: Colour | UnsetType = UNSET
    hidden: bool | UnsetType = UNSET
    base_rev: Revision | None = None


class Strict(OfFrame, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"frame_idx": -1}, f"frame_idx must be {WHOLE}."),
    ({"frame_idx": True}, f"frame_idx must be {WHOLE}."),
    ({"frame_idx": 1.0}, f"frame_idx must be {WHOLE}."),
    ({"frame_idx": "1"}, f"frame_idx must be {WHOLE}."),
    ({"frame_idx": 2**53}, f"frame_idx must be {WHOLE}."),
    ({"frame_idx": 10**40}, f"frame_idx must be {WHOLE}."),
    ({"region": None}, f"region must be {PRINTABLE}."),
    ({"region": ""}, f"region must be {PRINTABLE}."),
    ({"region": "a\x00"}, f"region must be {PRINTABLE}."),
    ({"region": "\ud800"}, f"region must be {PRINTABLE}."),
    ({"region": "x" * 201}, f"region must be {PRINTABLE}."),
    ({"video_id": b"clip"}, f"video_id must be {PRINTABLE}."),
    ({"spans": [[1]]}, f"spans[0] must be [{WHOLE}, {WHOLE}]."),
    ({"spans": [[1, -1]]}, f"spans[0][1] must be {WHOLE}."),
    ({"direction": "up"}, "direction must be forward, backward or both or null."),
    ({"form": "bmp"}, "form must be rgba or null."),
    ({"colour": "red"}, "colour must be a colour like #29b6f6."),
    ({"hidden": 1}, "hidden must be true or false."),
    ({"base_rev": -2}, f"base_rev must be {WHOLE} or null."),
]
WRONG_PROMPTS: list[tuple[dict[str, Any], str]] = [
    ({"points": 3}, "points must be a list of 0 to 1000, each an object {x, y, label}."),
    ({"points": [3]}, "points[0] must be an object {x, y, label}."),
    ({"points": [{"x": 1, "label": 1}]}, "points[0].y must be a finite number."),
    ({"points": [{**CLICK, "x": float("nan")}]}, "points[0].x must be a finite number."),
    ({"points": [CLICK, {**CLICK, "y": float("inf")}]}, "points[1].y must be a finite number."),
    ({"points": [{**CLICK, "label": 2}]}, "points[0].label must be 0 or 1."),
    ({"box": [1, 2, 3]}, "box must be a box [x0, y0, x1, y1] or null."),
]


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [(values, "invalid_request", message) for values, message in WRONG]
    + [(values, "invalid_prompt", message) for values, message in WRONG_PROMPTS],
)
def test_a_wrong_field_is_named_with_what_it_must_be(
    values: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_fields(Everything, {**FRAME, **values})

    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize("values", [None, 3, "x", [], b"x"])
def test_fields_are_an_object(values: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"The request must be an object \{video_id, "):
        read_fields(Everything, values)


@pytest.mark.parametrize("field", ["form", "direction", "frame_idx", "box"])
def test_half_a_surrogate_is_refused_wherever_it_is(field: str) -> None:
    with pytest.raises(InvalidRequest):
        read_fields(Everything, {**FRAME, field: "\ud800"})


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InvalidRequest, match="^region must be"):
        read_fields(Everything, {"video_id": "clip", "instance_id": 1, "frame_idx": 0})


def test_a_field_that_nobody_knows_is_refused_where_that_is_declared() -> None:
    with pytest.raises(InvalidRequest, match=r"^There is no field 'size'\.") as caught:
        read_fields(Strict, {**FRAME, "size": 3})

    assert "frame_idx" in caught.value.hint


def test_other_fields_that_nobody_knows_are_ignored() -> None:
    assert read_fields(Everything, {**FRAME, "size": 3}).frame_idx == 0


def test_what_is_right_arrives_typed() -> None:
    values = {"points": [{"x": 1, "y": 2.5, "label": 0}], "direction": "both", "spans": [[1, 4]]}

    fields = read_fields(Everything, {**FRAME, **values})

    assert [click.point for click in fields.points] == [Point(1.0, 2.5, 0)]
    assert (fields.direction, fields.spans) == (Direction.BOTH, [(1, 4)])


def test_only_fields_that_were_sent_are_given() -> None:
    fields = read_fields(Everything, {**FRAME, "hidden": False})

    assert given(fields, "colour", "hidden") == {"hidden": False}


def test_the_key_of_an_event_is_moved_up_and_never_overrides() -> None:
    key = {"video_id": "clip", "instance_id": 1, "region": "shaft"}

    assert without_key({"key": key, "frame_idx": 2}) == {**key, "frame_idx": 2, "key": key}
    assert without_key({"key": key, "video_id": "other"})["video_id"] == "other"
    assert without_key({"key": 3, "frame_idx": 2}) == {"key": 3, "frame_idx": 2}
