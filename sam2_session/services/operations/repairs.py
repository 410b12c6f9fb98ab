"""Operations that repair the masks of many frames at once; each is one step to undo."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from sam2_session.core.errors import (
    Conflict,
    FrameNotExtracted,
    FrameNotFound,
    InstanceNotFound,
    InvalidRequest,
    NothingToDo,
    RegionNotFound,
    VideoNotFound,
)
from sam2_session.services.fields.fields import OfPair, Span
from sam2_session.services.operations.operation import Access, Body, Operation, Route
from sam2_session.services.operations.repair_answers import FramesMarked

PAIR = "/api/videos/{video_id}/instances/{instance_id}/regions/{region}"
MAX_SPANS = 10_000  # per request; no repair needs more
OF_FRAMES = (
    InvalidRequest,
    NothingToDo,
    Conflict,
    VideoNotFound,
    InstanceNotFound,
    RegionNotFound,
    FrameNotFound,
    FrameNotExtracted,
)


class OfFrames(OfPair, frozen=True, kw_only=True):
    """Spans of frames of a pair, first and last included."""

    frames: Annotated[list[Span], Meta(min_length=1, max_length=MAX_SPANS)]


class MarkAbsent(OfFrames, frozen=True, kw_only=True):
    """Whether the object is absent on these frames."""

    absent: bool


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
