"""Operations that name the masks which want a look, worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sam2_session.core.errors import VideoNotFound
from sam2_session.services.fields.fields import OfVideo
from sam2_session.services.operations.operation import Access, Operation, Pages, Route

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services  # noqa: F401

SUSPICIONS = "/api/videos/{video_id}/suspicions"


class SuspiciousStop(Struct):
    """A stretch of suspicious masks of a pair: its worst frame, that one's score and reasons."""

    stop: str
    instance_id: int
    region: str
    first: int
    last: int
    frame_idx: int
    score: float
    reasons: list[str]


class SuspiciousStops(Struct):
    """The stretches that nobody has reviewed, worst first."""

    stops: list[SuspiciousStop]


class SuspicionCurve(Struct):
    """The suspicion of each mask of a pair, as [frame_idx, 0 to 1]; 0 where it is reviewed."""

    instance_id: int
    region: str
    values: list[tuple[int, float]]


class SuspicionCurves(Struct):
    """A curve for each pair."""

    curves: list[SuspicionCurve]


LIST_SUSPICIONS = Operation(
    name="list_suspicions",
    text="The suspicious places that nobody has reviewed, worst first, with their reasons",
    access=Access.VIEW,
    fields=OfVideo,
    answer=SuspiciousStops,
    errors=(VideoNotFound,),
    route=Route(method="GET", path=SUSPICIONS, pages=Pages("stops", "stop")),
    do=lambda services, call: services.suspicion.list(call.fields.video_id),
)

LIST_SUSPICION_CURVES = Operation(
    name="list_suspicion_curves",
    text="How suspicious every mask is, by pair",
    access=Access.VIEW,
    fields=OfVideo,
    answer=SuspicionCurves,
    errors=(VideoNotFound,),
    route=Route(method="GET", path=f"{SUSPICIONS}/curves"),
    do=lambda services, call: services.suspicion.curves(call.fields.video_id),
)
