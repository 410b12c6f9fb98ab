"""Operations that make masks again from the saved prompts, compare them, and take them over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from sam2_session.core.errors import (
    Conflict,
    InstanceNotFound,
    InvalidRequest,
    MaskNotFound,
    ModelNotFound,
    NotFound,
    NothingToDo,
    RegionNotFound,
    VideoNotFound,
)
from sam2_session.services.fields.fields import FrameIdx, OfFrame, OfVideo, PairName, Text
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Call,
    Media,
    Operation,
    Pages,
    Route,
)
from sam2_session.services.operations.videos import VIDEO
from sam2_session.services.operations.work_answers import JobStarted

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

REBUILDS = f"{VIDEO}/rebuilds"
REBUILD = f"{REBUILDS}/{{rebuild_id}}"
MASK = f"{REBUILD}/instances/{{instance_id}}/regions/{{region}}/masks/{{frame_idx}}.png"
Chosen = Annotated[list[PairName], Meta(min_length=1)] | Literal["all"]


class StartRebuild(OfVideo, frozen=True, kw_only=True):
    """The pairs, the model (the one in use if left out), and the first and last frame.

    Without `start` and `end`: from the first to the last frame with a mask or prompts.
    """

    pairs: Chosen = "all"
    model: Text | None = None
    start: FrameIdx | None = None
    end: FrameIdx | None = None


class OfRebuild(OfVideo, frozen=True, kw_only=True):
    """Names a rebuild."""

    rebuild_id: Text


class OfRebuiltMask(OfFrame, frozen=True, kw_only=True):
    """Names a mask of a rebuild."""

    rebuild_id: Text


class TakeRebuild(OfRebuild, frozen=True, kw_only=True):
    """The pairs whose rebuilt masks replace the saved ones."""

    pairs: Chosen = "all"


class RebuiltFrame(Struct):
    """A rebuilt mask beside the saved one; `iou` and `saved_area` are null where none is saved.

    `checked`: a person made or approved the saved mask, so that it is never replaced.
    """

    frame_idx: int
    iou: float | None
    area: int
    saved_area: int | None
    score: float
    checked: bool


class RebuiltPair(Struct):
    """The overlap of a pair's rebuilt masks with the saved ones, over `compared` frames."""

    instance_id: int
    region: str
    compared: int
    mean_iou: float | None
    min_iou: float | None
    frames: list[RebuiltFrame] | UnsetType = UNSET


class Rebuild(Struct):
    """A rebuild: its model, and how its masks overlap the saved ones."""

    rebuild_id: str
    video_id: str
    model: str
    network: str
    created_at: float
    pairs: list[RebuiltPair]


class Rebuilds(Struct):
    """The complete rebuilds of a video, without single frames: the newest one is kept."""

    rebuilds: list[Rebuild]


def _named(pairs: list[PairName] | Literal["all"]) -> list[tuple[int, str]] | None:
    return None if pairs == "all" else [(pair.instance_id, pair.region) for pair in pairs]


def start_rebuild(services: Services, call: Call[StartRebuild]) -> dict[str, Any]:
    """Queue a rebuild."""
    fields = call.fields
    if fields.model is not None:
        services.models.require_known(fields.model)
    span = (fields.start, fields.end)
    return services.rebuilds.start(fields.video_id, _named(fields.pairs), fields.model, span)


def read_mask(services: Services, call: Call[OfRebuiltMask]) -> dict[str, Any]:
    """Read a mask of a rebuild."""
    fields = call.fields
    png = services.rebuilds.mask_png(fields.key, fields.rebuild_id, fields.frame_idx)
    return {"data": png, "content_type": "image/png"}


START_REBUILD = Operation(
    name="start_rebuild",
    text="Make all masks again from the saved prompts, beside the saved masks",
    access=Access.EDIT,
    fields=StartRebuild,
    answer=JobStarted,
    errors=(
        VideoNotFound,
        InstanceNotFound,
        RegionNotFound,
        ModelNotFound,
        InvalidRequest,
        NothingToDo,
        Conflict,
    ),
    route=Route(method="POST", path=REBUILDS, status=202, body=Body.JSON),
    do=start_rebuild,
)

LIST_REBUILDS = Operation(
    name="list_rebuilds",
    text="The rebuilds of a video; a new one takes the place of the one before",
    access=Access.VIEW,
    fields=OfVideo,
    answer=Rebuilds,
    errors=(VideoNotFound,),
    route=Route(method="GET", path=REBUILDS, pages=Pages("rebuilds", "rebuild_id")),
    do=lambda services, call: services.rebuilds.list(call.fields.video_id),
)

GET_REBUILD = Operation(
    name="get_rebuild",
    text="A rebuild: how each of its masks overlaps the saved one",
    access=Access.VIEW,
    fields=OfRebuild,
    answer=Rebuild,
    errors=(VideoNotFound, NotFound),
    route=Route(method="GET", path=REBUILD),
    do=lambda services, call: services.rebuilds.report(
        call.fields.video_id, call.fields.rebuild_id
    ),
)

READ_REBUILT_MASK = Operation(
    name="read_rebuilt_mask",
    text="A mask of a rebuild as PNG",
    access=Access.VIEW,
    fields=OfRebuiltMask,
    answer=Media("image/png"),
    errors=(VideoNotFound, InstanceNotFound, RegionNotFound, NotFound, MaskNotFound),
    route=Route(method="GET", path=MASK),
    do=read_mask,
)

TAKE_REBUILD = Operation(
    name="take_rebuild",
    text="Replace the saved masks by the rebuilt ones, but none a person made or approved",
    access=Access.EDIT,
    fields=TakeRebuild,
    answer=JobStarted,
    errors=(VideoNotFound, InstanceNotFound, RegionNotFound, NotFound, InvalidRequest, Conflict),
    route=Route(method="POST", path=f"{REBUILD}/take", status=202, body=Body.JSON),
    do=lambda services, call: services.rebuilds.take(
        call.fields.video_id, call.fields.rebuild_id, _named(call.fields.pairs)
    ),
)
