"""Operations on the runs of a video: listed, compared with what was before, rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from sam2_session.core.errors import (
    Conflict,
    FrameNotFound,
    InstanceNotFound,
    InvalidPrompt,
    MaskNotFound,
    NothingToDo,
    RegionNotFound,
    RunNotFound,
    VideoNotFound,
)
from sam2_session.services.fields.fields import (
    FrameIdx,
    OfFrame,
    OfVideo,
    PairName,
    Positive,
    Revision,
)
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
from sam2_session.services.operations.run_answers import Comparison, RolledBack, Runs

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

RUNS = "/api/videos/{video_id}/runs"
RUN = f"{RUNS}/{{run}}"
BEFORE = f"{RUN}/instances/{{instance_id}}/regions/{{region}}/before/{{frame_idx}}.png"


class OfRun(OfVideo, frozen=True, kw_only=True):
    """The number of a run of the video."""

    run: Positive


class RollBackRun(OfRun, frozen=True, kw_only=True):
    """The pairs and frames to take back; without them all that the run wrote."""

    pairs: Annotated[list[PairName], Meta(min_length=1)] | None = None
    start: FrameIdx | None = None
    end: FrameIdx | None = None


class ReadReplaced(OfFrame, frozen=True, kw_only=True):
    """The run that replaced the mask; a URL with the `rev` of that mask may be cached for ever."""

    run: Positive
    rev: Revision | None = None


def roll_back(services: Services, call: Call[RollBackRun]) -> dict[str, Any]:
    """Take back what a run wrote."""
    fields = call.fields
    pairs = None
    if fields.pairs is not None:
        pairs = [(pair.instance_id, pair.region) for pair in fields.pairs]
    return services.run_history.roll_back(
        fields.video_id, fields.run, pairs=pairs, start=fields.start, end=fields.end
    )


LIST_RUNS = Operation(
    name="list_runs",
    text="The runs of a video, newest first, and how many of their masks can be taken back",
    access=Access.VIEW,
    fields=OfVideo,
    answer=Runs,
    errors=(VideoNotFound,),
    route=Route(method="GET", path=RUNS, pages=Pages("runs", "run")),
    do=lambda services, call: services.run_history.list(call.fields.video_id),
)

COMPARE_RUN = Operation(
    name="compare_run",
    text="The IoU of each mask that a run replaced with the one that it wrote",
    access=Access.VIEW,
    fields=OfRun,
    answer=Comparison,
    errors=(VideoNotFound, RunNotFound),
    route=Route(method="GET", path=f"{RUN}/comparison"),
    do=lambda services, call: services.run_history.compare(call.fields.video_id, call.fields.run),
)

READ_REPLACED = Operation(
    name="read_replaced",
    text="The mask that a run replaced, as PNG of 0 and 255",
    access=Access.VIEW,
    fields=ReadReplaced,
    answer=Media("image/png"),
    errors=(MaskNotFound, InvalidPrompt, VideoNotFound, InstanceNotFound, RegionNotFound),
    route=Route(method="GET", path=BEFORE, query=("rev",), cache=Cache.BY_REVISION),
    do=lambda services, call: services.run_history.read_before(
        call.fields.key, call.fields.run, call.fields.frame_idx
    ),
)

ROLL_BACK = Operation(
    name="roll_back",
    text="Take back what a run wrote: each mask becomes what it was before; one action to undo",
    access=Access.EDIT,
    fields=RollBackRun,
    answer=RolledBack,
    errors=(
        VideoNotFound,
        InstanceNotFound,
        RegionNotFound,
        FrameNotFound,
        RunNotFound,
        NothingToDo,
        Conflict,
    ),
    event=True,
    route=Route(method="POST", path=f"{RUN}/rollback", body=Body.JSON),
    do=roll_back,
)
