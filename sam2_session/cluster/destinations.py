"""Tells from an operation and its fields what it is about, and so which member runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sam2_session.services.fields.fields import without_key
from sam2_session.services.operations.operation import Access
from sam2_session.services.operations.preconditions import CONDITIONAL_CALL
from sam2_session.services.operations.table import BY_NAME, EVENTS

APPLY_EVENT = "apply_op"  # the call that carries a Socket.IO event: {event, sid, data}


class About(StrEnum):
    """The thing an operation is about."""

    VIDEO = "video"
    JOB = "job"
    STREAM = "stream"
    CLIENT = "client"  # the member that knows the client
    TRASH = "trash"  # a deleted thing, maybe of a video
    EVERYBODY = "everybody"  # every member does it
    HOME = "home"  # the one member that does what belongs to no video


@dataclass(frozen=True, slots=True)
class Destination:
    """The thing an operation is about, by its id; `is_repeatable` if twice does what once does."""

    about: About
    id: str = ""
    is_repeatable: bool = False


BY_OPERATION = {
    "get_job": (About.JOB, "job_id"),
    "cancel": (About.JOB, "job_id"),
    "read_stream": (About.STREAM, "stream_id"),
    "close_stream": (About.STREAM, "stream_id"),
    "close_video": (About.CLIENT, "sid"),
    "client_left": (About.CLIENT, "sid"),
    "restore_trashed": (About.TRASH, "trash_id"),
    "delete_trashed": (About.TRASH, "trash_id"),
    "select_model": (About.EVERYBODY, ""),
    "abort_upload": (About.EVERYBODY, ""),
}


def destination_of(operation: str, params: Mapping[str, Any]) -> Destination:
    """Find out what a call is about."""
    name, fields, is_event = _opened(operation, params)
    about, field = BY_OPERATION.get(name, (None, ""))
    row = BY_NAME.get(name)
    is_view = row is not None and row.access is Access.VIEW
    is_stored = is_event and name in EVENTS and EVENTS[name].stored
    is_repeatable = is_view or (is_stored and "client_id" in fields)
    if about is None:
        video_id = fields.get("video_id")
        if isinstance(video_id, str):
            return Destination(About.VIDEO, video_id, is_repeatable)
        return Destination(About.HOME, "", is_repeatable)
    return Destination(about, str(fields.get(field, "")), is_repeatable)


def video_of(operation: str, params: Mapping[str, Any]) -> str | None:
    """Return the video that a call is about, or None."""
    destination = destination_of(operation, params)
    return destination.id if destination.about is About.VIDEO else None


def _opened(operation: str, params: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], bool]:
    """Take the operation and its fields out of a call that carries another."""
    if operation == APPLY_EVENT:
        data = params.get("data")
        fields = without_key(data) if isinstance(data, Mapping) else {}
        return str(params.get("event")), {**fields, "sid": params.get("sid")}, True
    if operation == CONDITIONAL_CALL:
        return str(params.get("operation")), params.get("params") or {}, False
    return operation, params, False
