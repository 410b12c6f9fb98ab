"""Operations on named keypoints of an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from sam2_session.core.errors import (
    Conflict,
    FrameNotExtracted,
    FrameNotFound,
    InstanceNotFound,
    InvalidPrompt,
    NotFound,
    NothingToDo,
    VideoNotFound,
)
from sam2_session.core.types import Keypoint
from sam2_session.services.fields.fields import (
    OF_PROMPT,
    UNSET,
    Fields,
    FrameIdx,
    InstanceId,
    Name,
    OfInstance,
    Pixels,
    Positive,
    Revision,
    Text,
    UnsetType,
    given,
)
from sam2_session.services.operations.annotation_answers import KeypointChanged, Keypoints
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Call,
    Operation,
    Pages,
    Route,
)
from sam2_session.services.operations.work_answers import JobStarted

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

KEYPOINTS = "/api/videos/{video_id}/instances/{instance_id}/keypoints"
OF_KEYPOINT = (InvalidPrompt, VideoNotFound, InstanceNotFound, Conflict)

MAX_NAMES = 1000  # to carry at once

Visible = Annotated[bool, Meta(extra=OF_PROMPT)]


class KeypointFields(Fields, frozen=True, kw_only=True):
    """A keypoint on a frame; without an id it gets a new one.

    `derived`: carried here from another frame, not placed by a person.
    """

    frame_idx: FrameIdx
    x: Pixels
    y: Pixels
    name: Name
    visible: Visible = True
    derived: Visible = False
    keypoint_id: Positive | None = None

    @property
    def keypoint(self) -> Keypoint:
        """The keypoint; its id is 0 until it is numbered."""
        at = (self.frame_idx, self.x, self.y)
        return Keypoint(self.keypoint_id or 0, *at, self.name, self.visible, self.derived)


class AddKeypoint(KeypointFields, frozen=True, kw_only=True):
    """A new keypoint of an instance."""

    video_id: Text
    instance_id: InstanceId


class OfKeypoint(OfInstance, frozen=True, kw_only=True):
    """Names a keypoint."""

    keypoint_id: Positive


class MoveKeypoint(OfKeypoint, frozen=True, kw_only=True):
    """The fields of a keypoint to change."""

    x: Pixels | UnsetType = UNSET
    y: Pixels | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    visible: Visible | UnsetType = UNSET


class ReplaceKeypoints(OfInstance, frozen=True, kw_only=True):
    """All keypoints of an instance."""

    keypoints: Annotated[list[KeypointFields], Meta(extra=OF_PROMPT)]
    base_rev: Revision | None = None


class CarryKeypoints(OfInstance, frozen=True, kw_only=True):
    """The names to carry, null: all; and the frames to carry to, null: up to the video's ends."""

    names: Annotated[list[Name], Meta(min_length=1, max_length=MAX_NAMES)] | None = None
    start: FrameIdx | None = None
    end: FrameIdx | None = None


def carry_keypoints(services: Services, call: Call[CarryKeypoints]) -> Any:
    """Start to carry keypoints."""
    fields = call.fields
    span = (fields.start, fields.end)
    return services.carrying.start(
        fields.video_id, fields.instance_id, fields.names, span, call.command
    )


LIST_KEYPOINTS = Operation(
    name="get_keypoints",
    text="The keypoints of an instance",
    access=Access.VIEW,
    fields=OfInstance,
    answer=Keypoints,
    errors=(VideoNotFound, InstanceNotFound),
    route=Route(method="GET", path=KEYPOINTS, pages=Pages("keypoints", "keypoint_id")),
    do=lambda services, call: services.keypoints.list(
        call.fields.video_id, call.fields.instance_id
    ),
)

ADD_KEYPOINT = Operation(
    name="add_keypoint",
    text="Put a keypoint on a frame",
    access=Access.EDIT,
    fields=AddKeypoint,
    answer=KeypointChanged,
    errors=(FrameNotFound, FrameNotExtracted, *OF_KEYPOINT),
    stored=True,
    event=True,
    do=lambda services, call: services.keypoints.add(
        call.fields.video_id, call.fields.instance_id, call.fields.keypoint, call.command
    ),
)

MOVE_KEYPOINT = Operation(
    name="move_keypoint",
    text="Change the position, name or visibility of a keypoint",
    access=Access.EDIT,
    fields=MoveKeypoint,
    answer=KeypointChanged,
    errors=(NotFound, *OF_KEYPOINT),
    stored=True,
    event=True,
    do=lambda services, call: services.keypoints.move(
        call.fields.video_id,
        call.fields.instance_id,
        call.fields.keypoint_id,
        given(call.fields, "x", "y", "name", "visible"),
        call.command,
    ),
)

REMOVE_KEYPOINT = Operation(
    name="remove_keypoint",
    text="Remove a keypoint",
    access=Access.EDIT,
    fields=OfKeypoint,
    answer=KeypointChanged,
    errors=(NotFound, *OF_KEYPOINT),
    stored=True,
    event=True,
    do=lambda services, call: services.keypoints.remove(
        call.fields.video_id, call.fields.instance_id, call.fields.keypoint_id, call.command
    ),
)

REPLACE_KEYPOINTS = Operation(
    name="replace_keypoints",
    text="Replace the keypoints of an instance",
    access=Access.EDIT,
    fields=ReplaceKeypoints,
    answer=Keypoints,
    errors=(FrameNotFound, FrameNotExtracted, *OF_KEYPOINT),
    route=Route(method="PUT", path=KEYPOINTS, body=Body.JSON),
    do=lambda services, call: services.keypoints.replace(
        call.fields.video_id,
        call.fields.instance_id,
        [fields.keypoint for fields in call.fields.keypoints],
        call.fields.base_rev,
    ),
)

CARRY_KEYPOINTS = Operation(
    name="carry_keypoints",
    text="Carry placed keypoints to the frames around them, by optical flow inside the masks",
    access=Access.EDIT,
    fields=CarryKeypoints,
    answer=JobStarted,
    errors=(NothingToDo, FrameNotFound, FrameNotExtracted, *OF_KEYPOINT),
    stored=True,
    event=True,
    route=Route(method="POST", path=f"{KEYPOINTS}/carry", status=202, body=Body.JSON),
    do=carry_keypoints,
)
