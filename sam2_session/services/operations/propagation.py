"""The operation that starts a run: it carries prompts through a video."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from sam2_session.core.errors import (
    Conflict,
    InstanceNotFound,
    InvalidRequest,
    NothingToDo,
    OthersChange,
    RegionNotFound,
    VideoNotFound,
)
from sam2_session.core.run_request import RunRequest
from sam2_session.core.types import Direction, MemoryMode, OnApproved, OnGuard, RunMode
from sam2_session.services.fields.fields import FrameIdx, OfVideo, PairName
from sam2_session.services.operations.operation import Access, Body, Call, Operation, Route
from sam2_session.services.operations.work_answers import JobStarted

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services


class Propagate(OfVideo, frozen=True, kw_only=True):
    """The pairs, range and direction of a run; `force` also runs unchanged pairs.

    `from_frame` is the frame where the run begins, instead of each pair's first prompted frame.
    `approved: replace` also replaces approved masks, which a run keeps otherwise; `any` also
    takes pairs that another person is changing right now. `mode: stretch` tracks only what
    corrections can have changed since the last finished run, and in full what no run has finished.
    `mode: fill` tracks the frames between the prompted ones of each pair, within the range, from
    both sides; of each frame the mask that is surer and nearer to its prompted frame stays, with
    the `agreement` of both.
    `memory` says which frames a step attends to: `plain`, those of sam2; `visible`, `distractor`
    and `motion` as docs/performance.md describes them, which did not win with the demo model.
    """

    pairs: Annotated[list[PairName], Meta(min_length=1)] | Literal["all"] = "all"
    start: FrameIdx | None = None
    end: FrameIdx | None = None
    from_frame: FrameIdx | None = None
    direction: Direction | None = None
    force: bool | None = None
    on_guard: OnGuard | None = None
    approved: OnApproved | None = None
    mode: RunMode | None = None
    memory: MemoryMode | None = None
    any: bool | None = None

    @property
    def request(self) -> RunRequest:
        """The requested run, with defaults for the fields left out."""
        pairs = None
        if isinstance(self.pairs, list):
            pairs = [(pair.instance_id, pair.region) for pair in self.pairs]
        return RunRequest(
            pairs=pairs,
            start=self.start,
            end=self.end,
            from_frame=self.from_frame,
            direction=self.direction or Direction.FORWARD,
            force=bool(self.force),
            on_guard=self.on_guard or OnGuard.GO_ON,
            approved=self.approved or OnApproved.KEEP,
            mode=self.mode or RunMode.FULL,
            memory=self.memory or MemoryMode.PLAIN,
        )


def propagate(services: Services, call: Call[Propagate]) -> dict[str, Any]:
    """Start a run, unless another person is changing its pairs and `any` is not set."""
    video_id, request = call.fields.video_id, call.fields.request
    if call.command and not call.fields.any:
        services.people.require_unused(video_id, request.pairs, call.command)
    return services.runs.propagate(video_id, request, call.command)


PROPAGATE = Operation(
    name="propagate",
    text="Carry prompts through the video",
    access=Access.EDIT,
    fields=Propagate,
    answer=JobStarted,
    errors=(
        InvalidRequest,
        VideoNotFound,
        InstanceNotFound,
        RegionNotFound,
        NothingToDo,
        Conflict,
        OthersChange,
    ),
    stored=True,
    event=True,
    route=Route(method="POST", path="/api/videos/{video_id}/propagate", status=202, body=Body.JSON),
    do=propagate,
)
