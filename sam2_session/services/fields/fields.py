"""Typed, bounded fields of operations, and the function that checks raw values against them.

`msgspec` does the checking: it is small, has no dependencies, takes microseconds, refuses NaN,
infinities and integers out of bounds by itself, and writes the JSON Schema that the OpenAPI
document needs. `words.py` puts its messages into this program's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.types import MAX_POINTS_PER_FRAME, Point, SessionKey
from sam2_session.services.fields.words import field_error

MAX_INT = 2**53 - 1  # the largest integer that every reader of JSON keeps exactly
MAX_PAIR_LIST = 4000  # characters; servers refuse an address of 8192
FARTHEST_PX = 1e9  # keeps NaN and infinities out; services check against the size of the frame
PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*$"
OF_PROMPT = {"code": "invalid_prompt"}  # the error code of a field that makes a prompt or keypoint

Count = Annotated[int, Meta(ge=0, le=MAX_INT)]
Positive = Annotated[int, Meta(ge=1, le=MAX_INT)]
FrameIdx = Count
InstanceId = Count
Revision = Count
Text = Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTABLE)]
ClientId = Annotated[str, Meta(min_length=1, max_length=100, pattern=PRINTABLE)]
Name = Text
PersonName = Annotated[str, Meta(max_length=60, pattern=PRINTABLE)]  # empty: none is given
Colour = Annotated[
    str, Meta(pattern=r"^#[0-9a-fA-F]{6}$", extra={"words": "a colour like #29b6f6"})
]
Pixels = Annotated[float, Meta(ge=-FARTHEST_PX, le=FARTHEST_PX, extra=OF_PROMPT)]
Label = Annotated[Literal[0, 1], Meta(extra=OF_PROMPT)]
BoxCorners = Annotated[
    tuple[Pixels, Pixels, Pixels, Pixels],
    Meta(extra={**OF_PROMPT, "words": "a box [x0, y0, x1, y1]"}),
]
PngBytes = Annotated[bytes, Meta(extra={**OF_PROMPT, "words": "the bytes of a PNG"})]
ListForm = Literal["rows", "columns"]  # of a long list: a row an item, or packed by column
Span = tuple[FrameIdx, FrameIdx]
PAIR = r"[0-9]{1,9}/[a-z0-9][a-z0-9_-]{0,63}"
PairList = Annotated[
    str,
    Meta(
        max_length=MAX_PAIR_LIST,
        pattern=rf"^{PAIR}(,{PAIR})*$",
        extra={"words": "pairs like 1/shaft,2/overall"},
    ),
]

F = TypeVar("F", bound="Fields")


class Fields(Struct, frozen=True, kw_only=True):
    """Base of all fields; names that an operation does not know are ignored."""


class PairName(Fields, frozen=True, kw_only=True):
    """Names a pair within a video."""

    instance_id: InstanceId
    region: Text


def read_pairs(text: str | None) -> list[PairName] | None:
    """Split a `PairList`; None stays None."""
    if text is None:
        return None
    named = (pair.split("/") for pair in text.split(","))
    return [PairName(instance_id=int(number), region=region) for number, region in named]


class PointFields(Fields, frozen=True, kw_only=True):
    """One click: source pixels, label 1 positive, 0 negative."""

    x: Pixels
    y: Pixels
    label: Label

    @property
    def point(self) -> Point:
        """The click."""
        return Point(self.x, self.y, self.label)


Points = Annotated[list[PointFields], Meta(max_length=MAX_POINTS_PER_FRAME, extra=OF_PROMPT)]


class Nothing(Fields, frozen=True, kw_only=True):
    """No fields."""


class OfVideo(Fields, frozen=True, kw_only=True):
    """Names a video."""

    video_id: Text


class OfInstance(OfVideo, frozen=True, kw_only=True):
    """Names an instance of a video."""

    instance_id: InstanceId


class OfPair(OfInstance, frozen=True, kw_only=True):
    """Names an (instance, region) pair of a video; Socket.IO sends the three as `key`."""

    region: Text

    @property
    def key(self) -> SessionKey:
        """The pair."""
        return SessionKey(self.video_id, self.instance_id, self.region)


class OfFrame(OfPair, frozen=True, kw_only=True):
    """Names one frame of a pair."""

    frame_idx: FrameIdx


def read_fields(kind: type[F], values: object) -> F:
    """Check raw values. Raises InvalidRequest or InvalidPrompt, naming the first wrong field."""
    try:
        return msgspec.convert(values, kind, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise field_error(kind, error) from error
    except UnicodeEncodeError as error:
        raise InvalidRequest("A text is no Unicode.", hint="Texts are UTF-8.") from error


def given(fields: Fields, *names: str) -> dict[str, Any]:
    """Return the optional fields that were sent, by name."""
    values = {name: getattr(fields, name) for name in names}
    return {name: value for name, value in values.items() if value is not UNSET}


def field_names(kind: type[Fields]) -> tuple[str, ...]:
    """Return the names of all fields, as on the wire."""
    return kind.__struct_encode_fields__


def without_key(values: Mapping[str, Any]) -> dict[str, Any]:
    """Move the fields inside a client event's `key` object up beside its other fields."""
    key = values.get("key")
    return {**key, **values} if isinstance(key, Mapping) else dict(values)


__all__ = [
    "UNSET",
    "BoxCorners",
    "ClientId",
    "Colour",
    "Count",
    "Fields",
    "FrameIdx",
    "InstanceId",
    "Name",
    "Label",
    "Nothing",
    "OfFrame",
    "OfInstance",
    "OfPair",
    "OfVideo",
    "PairList",
    "PairName",
    "ListForm",
    "PersonName",
    "Pixels",
    "PngBytes",
    "PointFields",
    "Points",
    "Positive",
    "Revision",
    "Span",
    "Text",
    "UnsetType",
    "field_names",
    "given",
    "read_fields",
    "read_pairs",
    "without_key",
]
