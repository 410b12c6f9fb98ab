"""Errors that `Client` and `Studio` raise: catch `SessionError`, or one of the classes by its kind.

Each has a `code` that never changes its meaning, a `message` and a `hint` for people.
docs/errors.md lists all codes.
"""

from sam2_session.core.errors import (
    Cancelled,
    Conflict,
    FrameNotFound,
    HostUnavailable,
    InstanceNotFound,
    InvalidPrompt,
    InvalidRequest,
    JobNotFound,
    MaskNotFound,
    ModelNotFound,
    ModelUnavailable,
    NotFound,
    NothingToDo,
    RegionNotFound,
    SessionError,
    Unauthorized,
    UnsupportedImport,
    UnsupportedVideo,
    VideoNotFound,
)

__all__ = [
    "Cancelled",
    "Conflict",
    "FrameNotFound",
    "HostUnavailable",
    "InstanceNotFound",
    "InvalidPrompt",
    "InvalidRequest",
    "JobNotFound",
    "MaskNotFound",
    "ModelNotFound",
    "ModelUnavailable",
    "NotFound",
    "NothingToDo",
    "RegionNotFound",
    "SessionError",
    "Unauthorized",
    "UnsupportedImport",
    "UnsupportedVideo",
    "VideoNotFound",
]
