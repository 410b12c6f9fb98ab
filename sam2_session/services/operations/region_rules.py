"""Operations on the rules between the regions of an instance: what breaks one, and its mending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from sam2_session.core.errors import (
    Conflict,
    FrameNotFound,
    InstanceNotFound,
    InvalidRequest,
    NothingToDo,
    VideoNotFound,
)
from sam2_session.services.fields.fields import FrameIdx, InstanceId, OfVideo
from sam2_session.services.operations.operation import Access, Body, Operation, Route
from sam2_session.services.operations.repairs import Spans
from sam2_session.services.operations.work_answers import JobStarted

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services  # noqa: F401

RULES = "/api/videos/{video_id}/region-rules"


class ListViolations(OfVideo, frozen=True, kw_only=True):
    """The frames to look at; without them all."""

    start: FrameIdx | None = None
    end: FrameIdx | None = None


class MendRegionMasks(OfVideo, frozen=True, kw_only=True):
    """The frames to mend, and the instances; without these all."""

    frames: Spans
    instance_ids: Annotated[list[InstanceId], Meta(min_length=1)] | None = None


class Violation(Struct):
    """A frame of an instance, and its pixels that break a rule.

    `outside`: of parts, out of the whole; `shared` by parts; `missing` from the parts.
    """

    instance_id: int
    frame_idx: int
    outside: int
    shared: int
    missing: int


class RuleViolations(Struct):
    """Violations of the rules; `on` is false where configs/regions.yaml has none."""

    on: bool
    violations: list[Violation]


LIST_VIOLATIONS = Operation(
    name="list_violations",
    text="The frames on which masks of an instance break a rule between its regions",
    access=Access.VIEW,
    fields=ListViolations,
    answer=RuleViolations,
    errors=(VideoNotFound,),
    route=Route(method="GET", path=RULES, query=("start", "end")),
    do=lambda services, call: services.region_rules.list(
        call.fields.video_id, call.fields.start, call.fields.end
    ),
)

MEND_REGIONS = Operation(
    name="mend_regions",
    text="Make the masks of these frames keep the rules between regions; one action to undo",
    access=Access.EDIT,
    fields=MendRegionMasks,
    answer=JobStarted,
    errors=(InvalidRequest, NothingToDo, Conflict, VideoNotFound, InstanceNotFound, FrameNotFound),
    route=Route(method="POST", path=f"{RULES}/mend", status=202, body=Body.JSON),
    do=lambda services, call: services.region_rules.mend(
        call.fields.video_id, call.fields.frames, call.fields.instance_ids
    ),
)
