"""Operations on masks: read, list, approve, reject, drop and bring back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from sam2_session.core.errors import (
    Conflict,
    InstanceNotFound,
    InvalidPrompt,
    InvalidRequest,
    MaskNotFound,
    NothingToDo,
    RegionNotFound,
    VideoNotFound,
)
from sam2_session.services.fields.fields import (
    PRINTABLE,
    ListForm,
    OfFrame,
    OfPair,
    Revision,
    Span,
    Text,
)
from sam2_session.services.operations.annotation_answers import Approved, Dropped, Masks, Restored
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Cache,
    Call,
    Media,
    Operation,
    Pages,
    Route,
)

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

MASKS = "/api/videos/{video_id}/instances/{instance_id}/regions/{region}/masks"
Reason = Annotated[str, Meta(max_length=200, pattern=PRINTABLE)]
MAX_SPANS = 10_000  # per request; no review needs more
OF_PAIR = (VideoNotFound, InstanceNotFound, RegionNotFound)


class ListMasks(OfPair, frozen=True, kw_only=True):
    """The form of the list: a row a mask, or by column, which is many times smaller."""

    form: ListForm = "rows"


class ReadMask(OfFrame, frozen=True, kw_only=True):
    """The form of the PNG: 0 and 255, or tinted with a colour and an opacity."""

    format: Literal["rgba"] | None = None
    colour: Text = "ffffff"
    alpha: float = 1.0
    rev: Revision | None = None


class Approve(OfPair, frozen=True, kw_only=True):
    """Spans of frames, first and last included, and whether their masks are good.

    Send `approved`, or `rejected` with a `reason`.
    """

    frames: Annotated[list[Span], Meta(min_length=1, max_length=MAX_SPANS)]
    approved: bool | None = None
    rejected: bool | None = None
    reason: Reason = ""


class RestoreMasks(OfPair, frozen=True, kw_only=True):
    """The `drop_id` that the drop returned."""

    drop_id: Text


def approve_or_reject(services: Services, call: Call[Approve]) -> dict[str, Any]:
    """Approve or reject masks, or take either back."""
    fields = call.fields
    if (fields.approved is None) == (fields.rejected is None):
        raise InvalidRequest("Send either approved or rejected.")
    if fields.approved is not None:
        return services.approvals.set(fields.key, fields.frames, fields.approved, call.command)
    reason = fields.reason if fields.rejected else None
    return services.approvals.reject(fields.key, fields.frames, reason, call.command)


def list_masks(services: Services, call: Call[ListMasks]) -> dict[str, Any]:
    """List the masks of a pair in the form that was asked for."""
    key = call.fields.key
    if call.fields.form == "columns":
        return services.masks.pack(key)
    return services.masks.list(key)


LIST_MASKS = Operation(
    name="list_masks",
    text="Every mask of a pair, without its pixels; with `form=columns` by column",
    access=Access.VIEW,
    fields=ListMasks,
    answer=Masks,
    errors=OF_PAIR,
    route=Route(method="GET", path=MASKS, query=("form",), pages=Pages("masks", "frame_idx")),
    do=list_masks,
)

READ_MASK = Operation(
    name="read_mask",
    text="A mask as PNG of 0 and 255, or tinted; a URL with its rev may be cached for ever",
    access=Access.VIEW,
    fields=ReadMask,
    answer=Media("image/png"),
    errors=(MaskNotFound, InvalidPrompt, *OF_PAIR),
    route=Route(
        method="GET",
        path=f"{MASKS}/{{frame_idx}}.png",
        query=("format", "colour", "alpha", "rev"),
        cache=Cache.BY_REVISION,
    ),
    do=lambda services, call: services.masks.read(
        call.fields.key,
        call.fields.frame_idx,
        tint=(call.fields.colour, call.fields.alpha) if call.fields.format else None,
    ),
)

APPROVE = Operation(
    name="approve",
    text="Approve masks, or reject them with a reason; or take either back",
    access=Access.EDIT,
    fields=Approve,
    answer=Approved,
    errors=(InvalidRequest, NothingToDo, Conflict, *OF_PAIR),
    stored=True,
    event=True,
    route=Route(method="PATCH", path=MASKS, body=Body.JSON),
    do=approve_or_reject,
)

DROP_MASKS = Operation(
    name="drop_masks",
    text="Move the masks of a pair to the trash, except prompted and approved masks",
    access=Access.EDIT,
    fields=OfPair,
    answer=Dropped,
    errors=(NothingToDo, Conflict, *OF_PAIR),
    stored=True,
    event=True,
    route=Route(method="DELETE", path=MASKS),
    do=lambda services, call: services.mask_drops.drop(call.fields.key, call.command),
)

RESTORE_MASKS = Operation(
    name="restore_masks",
    text="Bring dropped masks back",
    access=Access.EDIT,
    fields=RestoreMasks,
    answer=Restored,
    errors=(NothingToDo, Conflict, InvalidRequest, *OF_PAIR),
    stored=True,
    event=True,
    route=Route(method="POST", path=f"{MASKS}/restore", body=Body.JSON),
    do=lambda services, call: services.mask_drops.restore(
        call.fields.key, call.fields.drop_id, call.command
    ),
)
