"""Operations that give all masks of a frame as one picture of numbers, and what these mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sam2_session.core.errors import (
    FrameNotExtracted,
    FrameNotFound,
    InstanceNotFound,
    RegionNotFound,
    VideoNotFound,
)
from sam2_session.services.fields.fields import FrameIdx, OfVideo, PairList, read_pairs
from sam2_session.services.operations.annotation_answers import IdTable
from sam2_session.services.operations.operation import (
    Access,
    Cache,
    Call,
    Media,
    Operation,
    Route,
)
from sam2_session.services.operations.videos import VIDEO

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

IDS = f"{VIDEO}/frames/{{frame_idx}}/ids"
QUERY = ("pairs", "ids")
ERRORS = (VideoNotFound, InstanceNotFound, RegionNotFound, FrameNotFound, FrameNotExtracted)


class ReadIds(OfVideo, frozen=True, kw_only=True):
    """The pairs (all visible ones if left out); by pair or by instance, as `davis` exports."""

    frame_idx: FrameIdx
    pairs: PairList | None = None
    ids: Literal["pair", "instance"] = "pair"


def paint_ids(services: Services, call: Call[ReadIds]) -> dict[str, Any]:
    """Paint the masks of a frame."""
    fields = call.fields
    frame = (fields.video_id, fields.frame_idx)
    data = services.id_pictures.paint(frame, read_pairs(fields.pairs), fields.ids)
    return {"data": data, "content_type": "image/png"}


def list_ids(services: Services, call: Call[ReadIds]) -> dict[str, Any]:
    """List what the numbers mean."""
    fields = call.fields
    frame = (fields.video_id, fields.frame_idx)
    return services.id_pictures.table(frame, read_pairs(fields.pairs), fields.ids)


READ_IDS = Operation(
    name="read_ids",
    text="All masks of a frame as one PNG: each pixel is the number of the object on top",
    access=Access.VIEW,
    fields=ReadIds,
    answer=Media("image/png"),
    errors=ERRORS,
    route=Route(method="GET", path=f"{IDS}.png", query=QUERY, cache=Cache.BY_CONTENT),
    do=paint_ids,
)

LIST_IDS = Operation(
    name="list_ids",
    text="The instance and region of each number in a frame's picture of numbers",
    access=Access.VIEW,
    fields=ReadIds,
    answer=IdTable,
    errors=ERRORS,
    route=Route(method="GET", path=f"{IDS}.json", query=QUERY),
    do=list_ids,
)
