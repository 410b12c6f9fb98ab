"""The operation that tries prompts without storing anything."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from sam2_session.core.errors import Conflict, InvalidPrompt
from sam2_session.core.types import Box, FramePrompt, Point
from sam2_session.services.fields.fields import BoxCorners, Label, OfFrame, Pixels, Points
from sam2_session.services.operations.annotation_answers import Preview
from sam2_session.services.operations.operation import Access, Body, Call, Media, Operation, Route
from sam2_session.services.operations.prompts import OF_FRAME

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

TRY_PATH = (
    "/api/videos/{video_id}/instances/{instance_id}/regions/{region}/preview/{frame_idx}/click.png"
)
PATH = "/api/videos/{video_id}/instances/{instance_id}/regions/{region}/preview/{frame_idx}"


class TryPrompts(OfFrame, frozen=True, kw_only=True):
    """All prompts of a frame, and a mask to refine: a PNG of the video's size, in base64."""

    points: Points = []
    box: BoxCorners | None = None
    mask: str | None = None


class TryClick(OfFrame, frozen=True, kw_only=True):
    """A click that may follow those of the frame."""

    x: Pixels
    y: Pixels
    label: Label = 1


def preview(services: Services, call: Call[TryPrompts]) -> dict[str, Any]:
    """Predict what the prompts would give."""
    fields = call.fields
    box = None if fields.box is None else Box(*fields.box)
    prompt = FramePrompt(tuple(click.point for click in fields.points), box)
    mask_png = None if fields.mask is None else _decode(fields.mask)
    return services.previews.preview(fields.key, fields.frame_idx, prompt, mask_png)


def _decode(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidPrompt("mask is not base64.", hint="Send a PNG in base64.") from error


TRY_CLICK = Operation(
    name="try_click",
    text="The mask that a click would lead to, as PNG, once nothing else waits for the model",
    access=Access.VIEW,
    fields=TryClick,
    answer=Media("image/png"),
    errors=(InvalidPrompt, Conflict, *OF_FRAME),
    route=Route(method="GET", path=TRY_PATH, query=("x", "y", "label")),
    do=lambda services, call: services.previews.try_click(
        call.fields.key,
        call.fields.frame_idx,
        Point(call.fields.x, call.fields.y, call.fields.label),
    ),
)

PREVIEW = Operation(
    name="preview",
    text="The mask that prompts would lead to, as JSON or PNG by Accept; nothing is stored",
    access=Access.VIEW,
    fields=TryPrompts,
    answer=Preview,
    errors=(InvalidPrompt, *OF_FRAME),
    route=Route(method="POST", path=PATH, body=Body.JSON, picture="png"),
    do=preview,
)
