"""Operations that repair the masks of many frames at once; each is one step to undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from sam2_session.core.cleaning import Cleaning
from sam2_session.core.errors import (
    Conflict,
    FrameNotExtracted,
    FrameNotFound,
    InstanceNotFound,
    InvalidPrompt,
    InvalidRequest,
    MaskNotFound,
    ModelUnavailable,
    NothingToDo,
    RegionNotFound,
    VideoNotFound,
)
from sam2_session.core.types import SessionKey
from sam2_session.services.fields.fields import (
    ClientId,
    FrameIdx,
    OfFrame,
    OfPair,
    PairName,
    Span,
)
from sam2_session.services.operations.annotation_answers import Prompted
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Call,
    Media,
    Operation,
    Route,
)
from sam2_session.services.operations.repair_answers import CleaningRule, FramesMarked
from sam2_session.services.operations.work_answers import JobStarted

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

PAIR = "/api/videos/{video_id}/instances/{instance_id}/regions/{region}"
MASKS = f"{PAIR}/masks"
MAX_SPANS = 10_000  # per request; no repair needs more
MAX_AREA_PX = 10_000_000
MAX_RADIUS_PX = 100
OF_PAIR = (VideoNotFound, InstanceNotFound, RegionNotFound)
OF_FRAMES = (
    InvalidRequest,
    NothingToDo,
    Conflict,
    *OF_PAIR,
    FrameNotFound,
    FrameNotExtracted,
)

Spans = Annotated[list[Span], Meta(min_length=1, max_length=MAX_SPANS)]
Area = Annotated[int, Meta(ge=0, le=MAX_AREA_PX)]
Radius = Annotated[int, Meta(ge=0, le=MAX_RADIUS_PX)]
Growth = Annotated[int, Meta(ge=-MAX_RADIUS_PX, le=MAX_RADIUS_PX)]


class OfFrames(OfPair, frozen=True, kw_only=True):
    """Spans of frames of a pair, first and last included."""

    frames: Spans


class MarkAbsent(OfFrames, frozen=True, kw_only=True):
    """Frames on which the object is absent, or no longer."""

    absent: bool


class RepairFrames(OfFrames, frozen=True, kw_only=True):
    """Spans of frames, and the client that repairs them: others are asked before they undo it."""

    client_id: ClientId | None = None


class MoveMasks(RepairFrames, frozen=True, kw_only=True):
    """The pair that the masks go to; `swap` brings its own back.

    `prompts`: prompted and absent frames, too, with their prompts; otherwise they stay as they are.
    `approve`: approve what moved, so that runs keep it.
    """

    target: PairName
    swap: bool = False
    prompts: bool = False
    approve: bool = False

    @property
    def target_key(self) -> SessionKey:
        """The pair that the masks go to."""
        return SessionKey(self.video_id, self.target.instance_id, self.target.region)


class DeleteMasks(RepairFrames, frozen=True, kw_only=True):
    """`checked`: also masks that a person made or approved; otherwise they stay."""

    checked: bool = False


class CopyMask(OfFrame, frozen=True, kw_only=True):
    """The frame of the same pair whose mask is copied to `frame_idx`."""

    source_frame_idx: FrameIdx


class CleanPair(OfPair, frozen=True, kw_only=True):
    """Areas below which holes are filled and specks dropped, and pixels to smooth and to grow.

    Pixels are those of the source; a negative `grow` shrinks; 0 leaves a step out.
    """

    fill_holes: Area = 0
    drop_specks: Area = 0
    smooth: Radius = 0
    grow: Growth = 0

    @property
    def cleaning(self) -> Cleaning:
        """The steps."""
        return Cleaning(self.fill_holes, self.drop_specks, self.smooth, self.grow)


class CleanMasks(CleanPair, frozen=True, kw_only=True):
    """`checked`: also masks that a person made or approved; otherwise they stay."""

    frames: Spans
    checked: bool = False
    client_id: ClientId | None = None


class PreviewCleaning(CleanPair, frozen=True, kw_only=True):
    """A frame, and the steps to show on it."""

    frame_idx: FrameIdx


def copy_mask(services: Services, call: Call[CopyMask]) -> Any:
    """Make the mask of another frame this frame's mask, as if it was drawn by hand."""
    fields = call.fields
    return services.prompts.copy_mask(
        fields.key, fields.frame_idx, fields.source_frame_idx, command=call.command
    )


def move_masks(services: Services, call: Call[MoveMasks]) -> Any:
    """Start to move masks, or to swap them."""
    fields = call.fields
    move = services.repairs.move(
        fields.key,
        fields.target_key,
        swap=fields.swap,
        prompts=fields.prompts,
        approve=fields.approve,
    )
    return services.repairs.start(move, fields.frames, fields.client_id)


def delete_masks(services: Services, call: Call[DeleteMasks]) -> Any:
    """Start to delete masks."""
    fields = call.fields
    deletion = services.repairs.delete(fields.key, checked=fields.checked)
    return services.repairs.start(deletion, fields.frames, fields.client_id)


def clean_masks(services: Services, call: Call[CleanMasks]) -> Any:
    """Start to clean masks."""
    fields = call.fields
    cleaning = services.repairs.clean(fields.key, fields.cleaning, checked=fields.checked)
    return services.repairs.start(cleaning, fields.frames, fields.client_id)


MARK_ABSENT = Operation(
    name="mark_absent",
    text="Say that the object is not on these frames, or take that back",
    access=Access.EDIT,
    fields=MarkAbsent,
    answer=FramesMarked,
    errors=OF_FRAMES,
    stored=True,
    event=True,
    route=Route(method="POST", path=f"{PAIR}/absent", body=Body.JSON),
    do=lambda services, call: services.absences.set(
        call.fields.key, call.fields.frames, call.fields.absent, call.command
    ),
)

MOVE_MASKS = Operation(
    name="move_masks",
    text="Move masks to another pair, or swap them with its masks",
    access=Access.EDIT,
    fields=MoveMasks,
    answer=JobStarted,
    errors=OF_FRAMES,
    route=Route(method="POST", path=f"{MASKS}/move", status=202, body=Body.JSON),
    do=move_masks,
)

DELETE_MASKS = Operation(
    name="delete_masks",
    text="Delete the masks of these frames",
    access=Access.EDIT,
    fields=DeleteMasks,
    answer=JobStarted,
    errors=OF_FRAMES,
    route=Route(method="POST", path=f"{MASKS}/delete", status=202, body=Body.JSON),
    do=delete_masks,
)

COPY_MASK = Operation(
    name="copy_mask",
    text="Copy the mask of another frame to this one, as a mask made by hand",
    access=Access.EDIT,
    fields=CopyMask,
    answer=Prompted,
    errors=(MaskNotFound, InvalidPrompt, ModelUnavailable, *OF_FRAMES),
    stored=True,
    event=True,
    route=Route(method="POST", path=f"{MASKS}/{{frame_idx}}/copy", body=Body.JSON),
    do=copy_mask,
)

CLEAN_MASKS = Operation(
    name="clean_masks",
    text="Fill holes, drop specks, smooth, grow or shrink the masks of these frames",
    access=Access.EDIT,
    fields=CleanMasks,
    answer=JobStarted,
    errors=OF_FRAMES,
    route=Route(method="POST", path=f"{MASKS}/clean", status=202, body=Body.JSON),
    do=clean_masks,
)

PREVIEW_CLEANING = Operation(
    name="preview_cleaning",
    text="The mask of a frame as it would be once cleaned; nothing is stored",
    access=Access.VIEW,
    fields=PreviewCleaning,
    answer=Media("image/png"),
    errors=(MaskNotFound, InvalidPrompt, *OF_PAIR),
    route=Route(
        method="GET",
        path=f"{MASKS}/{{frame_idx}}/cleaned.png",
        query=("fill_holes", "drop_specks", "smooth", "grow"),
    ),
    do=lambda services, call: services.cleaning_rules.preview(
        call.fields.key, call.fields.frame_idx, call.fields.cleaning
    ),
)

GET_CLEANING = Operation(
    name="get_cleaning",
    text="The rule by which runs and exports clean the masks of a pair",
    access=Access.VIEW,
    fields=OfPair,
    answer=CleaningRule,
    errors=OF_PAIR,
    route=Route(method="GET", path=f"{PAIR}/cleaning"),
    do=lambda services, call: services.cleaning_rules.rule(call.fields.key),
)

SET_CLEANING = Operation(
    name="set_cleaning",
    text="Set the rule by which runs and exports clean the masks of a pair",
    access=Access.EDIT,
    fields=CleanPair,
    answer=CleaningRule,
    errors=(Conflict, *OF_PAIR),
    route=Route(method="PUT", path=f"{PAIR}/cleaning", body=Body.JSON),
    do=lambda services, call: services.cleaning_rules.set_rule(
        call.fields.key, call.fields.cleaning
    ),
)
