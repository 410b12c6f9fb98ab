"""Operations on the rules between the regions of an instance: what breaks one, and its mending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from sam2_session.core.errors import (
    Conflict,
    FrameNotFound,
    InstanceNotFound,
    InvalidRequest,
    NothingToDo,
    VideoNotFound,
)
from sam2_session.core.region_rules import RegionRules
from sam2_session.services.fields.fields import (
    Fields,
    FrameIdx,
    InstanceId,
    Nothing,
    OfVideo,
    Text,
)
from sam2_session.services.operations.operation import Access, Body, Call, Operation, Route
from sam2_session.services.operations.repairs import Spans
from sam2_session.services.operations.work_answers import JobStarted

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services  # noqa: F401

RULES = "/api/videos/{video_id}/region-rules"
ALL_RULES = "/api/region-rules"


class ListViolations(OfVideo, frozen=True, kw_only=True):
    """The frames to look at; without them all."""

    start: FrameIdx | None = None
    end: FrameIdx | None = None


class MendRegionMasks(OfVideo, frozen=True, kw_only=True):
    """The frames to mend, and the instances; without these all."""

    frames: Spans
    instance_ids: Annotated[list[InstanceId], Meta(min_length=1)] | None = None


class Rules(Fields, frozen=True, kw_only=True):
    """Rules between regions: of the parts of a whole.

    `inside`: parts lie in the whole; `exclusive`: no pixel is in two parts; `union`: the whole is
    all of its parts together.
    """

    whole: Text
    parts: Annotated[list[Text], Meta(min_length=1, max_length=64)]
    inside: bool = False
    exclusive: bool = False
    union: bool = False


class ChangeRules(Fields, frozen=True, kw_only=True):
    """The rules from now on, for every video; null removes them."""

    rules: Rules | None


class RulesInUse(Struct):
    """The rules that hold for every video; null: there are none."""

    rules: Rules | None


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
    """Violations of the rules; `on` is false while there are none."""

    on: bool
    violations: list[Violation]


def change_rules(services: Services, call: Call[ChangeRules]) -> dict[str, Any]:
    """Let other rules hold, or none."""
    chosen = call.fields.rules
    rules = None
    if chosen is not None:
        flags = {"inside": chosen.inside, "exclusive": chosen.exclusive, "union": chosen.union}
        rules = RegionRules(chosen.whole, tuple(dict.fromkeys(chosen.parts)), **flags)
    return services.region_rules.book.change(rules)


GET_RULES = Operation(
    name="get_region_rules",
    text="The rules between the regions of an instance",
    access=Access.VIEW,
    fields=Nothing,
    answer=RulesInUse,
    route=Route(method="GET", path=ALL_RULES),
    do=lambda services, _: services.region_rules.book.to_wire(),
)

CHANGE_RULES = Operation(
    name="change_region_rules",
    text="Change the rules between regions, for every video, or remove them",
    access=Access.EDIT,
    fields=ChangeRules,
    answer=RulesInUse,
    errors=(InvalidRequest,),
    route=Route(method="PUT", path=ALL_RULES, body=Body.JSON),
    do=change_rules,
)

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
