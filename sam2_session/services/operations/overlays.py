"""Operations that draw the masks of a frame over its picture."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from sam2_session.core.errors import (
    FrameNotExtracted,
    FrameNotFound,
    InstanceNotFound,
    RegionNotFound,
    VideoNotFound,
)
from sam2_session.services.fields.fields import PairList, read_pairs
from sam2_session.services.fields.overlay_look import OverlayLook
from sam2_session.services.operations.operation import (
    Access,
    Cache,
    Call,
    Media,
    Operation,
    Route,
)
from sam2_session.services.operations.videos import VIDEO, ReadFrame

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

OVERLAY = f"{VIDEO}/frames/{{frame_idx}}/overlay"
QUERY = ("pairs", "width", "opacity", "outline", "prompts")
ERRORS = (VideoNotFound, InstanceNotFound, RegionNotFound, FrameNotFound, FrameNotExtracted)


class DrawOverlay(ReadFrame, frozen=True, kw_only=True):
    """The pairs to draw (all visible ones if left out), and how; `prompts`: points and boxes."""

    pairs: PairList | None = None
    opacity: Annotated[float, Meta(ge=0, le=1)] = 0.5
    outline: bool = True
    prompts: bool = False


def draw_overlay(
    kind: Literal["jpeg", "png"], services: Services, call: Call[DrawOverlay]
) -> dict[str, Any]:
    """Draw the masks of a frame."""
    fields = call.fields
    look = OverlayLook(read_pairs(fields.pairs), fields.opacity, fields.outline, fields.prompts)
    frame = (fields.video_id, fields.frame_idx)
    data = services.overlays.draw(frame, look, kind=kind, width=fields.width)
    return {"data": data, "content_type": f"image/{kind}"}


READ_OVERLAY_JPEG = Operation(
    name="read_overlay_jpeg",
    text="A frame with its masks drawn over it, as JPEG",
    access=Access.VIEW,
    fields=DrawOverlay,
    answer=Media("image/jpeg"),
    errors=ERRORS,
    route=Route(method="GET", path=f"{OVERLAY}.jpg", query=QUERY, cache=Cache.BY_CONTENT),
    do=partial(draw_overlay, "jpeg"),
)

READ_OVERLAY_PNG = Operation(
    name="read_overlay_png",
    text="A frame with its masks drawn over it, as PNG",
    access=Access.VIEW,
    fields=DrawOverlay,
    answer=Media("image/png"),
    errors=ERRORS,
    route=Route(method="GET", path=f"{OVERLAY}.png", query=QUERY, cache=Cache.BY_CONTENT),
    do=partial(draw_overlay, "png"),
)
