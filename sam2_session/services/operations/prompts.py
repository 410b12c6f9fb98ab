"""Operations on points, boxes and masks drawn by hand, and undo and redo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from sam2_session.core import edits
from sam2_session.core.errors import (
    Conflict,
    FrameNotExtracted,
    FrameNotFound,
    InstanceNotFound,
    InvalidPrompt,
    InvalidRequest,
    ModelUnavailable,
    NothingToDo,
    OthersChange,
    RegionNotFound,
    VideoNotFound,
)
from sam2_session.core.types import Box, FramePrompt, Point
from sam2_session.services.fields.fields import (
    BoxCorners,
    Count,
    Fields,
    FrameIdx,
    InstanceId,
    Label,
    OfFrame,
    OfInstance,
    OfPair,
    Pixels,
    PngBytes,
    Points,
    Revision,
    Text,
)
from sam2_session.services.operations.annotation_answers import Prompted, Prompts, Stepped
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Call,
    Operation,
    Pages,
    Route,
)

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

PROMPTS = "/api/videos/{video_id}/instances/{instance_id}/regions/{region}/prompts"
MASK = "/api/videos/{video_id}/instances/{instance_id}/regions/{region}/masks/{frame_idx}.png"
Way = Literal["undo", "redo"]
OF_FRAME = (
    VideoNotFound,
    InstanceNotFound,
    RegionNotFound,
    FrameNotFound,
    FrameNotExtracted,
    Conflict,
    ModelUnavailable,
)


class ChangeFrame(OfFrame, frozen=True, kw_only=True):
    """A change of a frame; it is refused if the frame is newer than `base_rev`."""

    base_rev: Revision | None = None


class AddPoint(ChangeFrame, frozen=True, kw_only=True):
    """A click to add."""

    x: Pixels
    y: Pixels
    label: Label

    @property
    def point(self) -> Point:
        """The click."""
        return Point(self.x, self.y, self.label)


class AddPoints(ChangeFrame, frozen=True, kw_only=True):
    """Clicks to add after the existing ones."""

    points: Annotated[Points, Meta(min_length=1)]


class OfPoint(ChangeFrame, frozen=True, kw_only=True):
    """Names a click by its index on the frame."""

    point_idx: Count


class MovePoint(OfPoint, frozen=True, kw_only=True):
    """The new position of a click."""

    x: Pixels
    y: Pixels


class SetBox(ChangeFrame, frozen=True, kw_only=True):
    """A box, or null to remove it."""

    box: BoxCorners | None = None


class SetMask(ChangeFrame, frozen=True, kw_only=True):
    """A mask drawn by hand, as PNG of the video's size."""

    mask: PngBytes


class ReplacePrompts(ChangeFrame, frozen=True, kw_only=True):
    """All prompts of a frame."""

    points: Points = []
    box: BoxCorners | None = None


class PromptSource(Fields, frozen=True, kw_only=True):
    """The frame and pair of the same video whose prompts are copied."""

    instance_id: InstanceId
    region: Text
    frame_idx: FrameIdx


class CopyPrompts(ChangeFrame, frozen=True, kw_only=True):
    """The frame to copy prompts from."""

    source: PromptSource


class Step(OfInstance, frozen=True, kw_only=True):
    """The frame whose newest change is undone or redone; keypoints have a history of their own.

    `any` also takes another person's change; without it that is refused.
    """

    frame_idx: FrameIdx
    region: Text | None = None
    scope: Literal["keypoints"] | None = None
    any: bool | None = None


def take_step(way: Way, services: Services, call: Call[Step]) -> Any:
    """Undo or redo a change of a frame's prompts, or of its keypoints."""
    fields = call.fields
    command, takes_any = call.command, bool(fields.any)
    if fields.scope == "keypoints":
        place = (fields.video_id, fields.instance_id, fields.frame_idx)
        return services.keypoints.step(way, place, command=command, takes_any=takes_any)
    key = _pair_of(fields).key
    return services.prompts.step(way, key, fields.frame_idx, command=command, takes_any=takes_any)


def list_prompts(services: Services, call: Call[OfPair]) -> dict[str, Any]:
    """List the prompts of a pair; who asks means to change them, so frames are extracted."""
    services.videos.want(call.fields.video_id)
    return services.prompts.list(call.fields.key)


def _pair_of(fields: Step) -> OfPair:
    if fields.region is None:
        raise InvalidRequest("region is missing.", hint="Without one, send scope: keypoints.")
    return OfPair(video_id=fields.video_id, instance_id=fields.instance_id, region=fields.region)


def _edit(services: Services, call: Call[Any], edit: edits.Edit) -> Any:
    frame = call.fields
    services.videos.want(frame.video_id)
    return services.prompts.edit(
        frame.key, frame.frame_idx, edit, command=call.command, base_rev=frame.base_rev
    )


LIST_PROMPTS = Operation(
    name="get_prompts",
    text="All prompts of a pair",
    access=Access.VIEW,
    fields=OfPair,
    answer=Prompts,
    errors=(VideoNotFound, InstanceNotFound, RegionNotFound),
    route=Route(method="GET", path=PROMPTS, pages=Pages("prompts", "frame_idx")),
    do=list_prompts,
)

ADD_POINT = Operation(
    name="add_point",
    text="Add a click to a frame's prompts",
    access=Access.EDIT,
    fields=AddPoint,
    answer=Prompted,
    errors=(InvalidPrompt, *OF_FRAME),
    stored=True,
    event=True,
    do=lambda services, call: _edit(services, call, edits.add_points([call.fields.point])),
)

ADD_POINTS = Operation(
    name="add_points",
    text="Add clicks to a frame's prompts; returns its mask",
    access=Access.EDIT,
    fields=AddPoints,
    answer=Prompted,
    errors=(InvalidPrompt, *OF_FRAME),
    route=Route(method="POST", path=f"{PROMPTS}/{{frame_idx}}/points", body=Body.JSON),
    do=lambda services, call: _edit(
        services, call, edits.add_points([click.point for click in call.fields.points])
    ),
)

MOVE_POINT = Operation(
    name="move_point",
    text="Move a click; it keeps its label and its index",
    access=Access.EDIT,
    fields=MovePoint,
    answer=Prompted,
    errors=(InvalidPrompt, *OF_FRAME),
    stored=True,
    event=True,
    do=lambda services, call: _edit(
        services, call, edits.move_point(call.fields.point_idx, call.fields.x, call.fields.y)
    ),
)

REMOVE_POINT = Operation(
    name="remove_point",
    text="Remove a click",
    access=Access.EDIT,
    fields=OfPoint,
    answer=Prompted,
    errors=(InvalidPrompt, *OF_FRAME),
    stored=True,
    event=True,
    do=lambda services, call: _edit(services, call, edits.remove_point(call.fields.point_idx)),
)

SET_BOX = Operation(
    name="set_box",
    text="Set the box of a frame's prompts, or remove it",
    access=Access.EDIT,
    fields=SetBox,
    answer=Prompted,
    errors=(InvalidPrompt, *OF_FRAME),
    stored=True,
    event=True,
    route=Route(method="PUT", path=f"{PROMPTS}/{{frame_idx}}/box", body=Body.JSON),
    do=lambda services, call: _edit(services, call, edits.set_box(_box(call.fields.box))),
)

SET_MASK = Operation(
    name="set_mask",
    text="Replace a frame's prompts by a mask drawn by hand",
    access=Access.EDIT,
    fields=SetMask,
    answer=Prompted,
    errors=(InvalidPrompt, *OF_FRAME),
    stored=True,
    event=True,
    route=Route(method="PUT", path=MASK, body=Body.PNG, raw_field="mask"),
    aliases={"png": "mask"},
    do=lambda services, call: services.prompts.set_mask(
        call.fields.key,
        call.fields.frame_idx,
        call.fields.mask,
        command=call.command,
        base_rev=call.fields.base_rev,
    ),
)

REPLACE_PROMPTS = Operation(
    name="replace_prompts",
    text="Replace a frame's prompts; returns its mask",
    access=Access.EDIT,
    fields=ReplacePrompts,
    answer=Prompted,
    errors=(InvalidPrompt, *OF_FRAME),
    route=Route(method="PUT", path=f"{PROMPTS}/{{frame_idx}}", body=Body.JSON),
    do=lambda services, call: _edit(services, call, edits.set_prompt(_prompt(call.fields))),
)

CLEAR_FRAME = Operation(
    name="clear_frame",
    text="Remove a frame's prompts and their mask",
    access=Access.EDIT,
    fields=ChangeFrame,
    answer=Prompted,
    errors=(NothingToDo, *OF_FRAME),
    stored=True,
    event=True,
    route=Route(
        method="DELETE", path=f"{PROMPTS}/{{frame_idx}}", query=("base_rev",), body=Body.JSON
    ),
    do=lambda services, call: _edit(services, call, edits.clear),
)

COPY_PROMPTS = Operation(
    name="copy_prompts",
    text="Replace a frame's prompts by those of another frame or pair",
    access=Access.EDIT,
    fields=CopyPrompts,
    answer=Prompted,
    errors=(NothingToDo, *OF_FRAME),
    stored=True,
    event=True,
    do=lambda services, call: services.prompts.copy(
        call.fields.key,
        call.fields.frame_idx,
        (call.fields.source.instance_id, call.fields.source.region, call.fields.source.frame_idx),
        command=call.command,
        base_rev=call.fields.base_rev,
    ),
)

DELETE_MASK = Operation(
    name="delete_mask",
    text="Delete a mask, and the prompts it came from",
    access=Access.EDIT,
    fields=ChangeFrame,
    answer=Prompted,
    errors=(NothingToDo, *OF_FRAME),
    route=Route(method="DELETE", path=MASK),
    do=lambda services, call: _edit(services, call, edits.remove_mask),
)

UNDO = Operation(
    name="undo",
    text="Undo the last change of a frame",
    access=Access.EDIT,
    fields=Step,
    answer=Stepped,
    errors=(NothingToDo, OthersChange, *OF_FRAME),
    stored=True,
    event=True,
    route=Route(method="POST", path="/api/videos/{video_id}/undo", body=Body.JSON),
    do=partial(take_step, "undo"),
)

REDO = Operation(
    name="redo",
    text="Redo the change that was undone last",
    access=Access.EDIT,
    fields=Step,
    answer=Stepped,
    errors=(NothingToDo, OthersChange, *OF_FRAME),
    stored=True,
    event=True,
    route=Route(method="POST", path="/api/videos/{video_id}/redo", body=Body.JSON),
    do=partial(take_step, "redo"),
)


def _box(corners: tuple[float, float, float, float] | None) -> Box | None:
    return None if corners is None else Box(*corners)


def _prompt(fields: ReplacePrompts) -> FramePrompt:
    return FramePrompt(tuple(click.point for click in fields.points), _box(fields.box))
