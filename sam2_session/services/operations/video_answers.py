"""Shapes of answers for the API documents: videos.

Services build their answers as plain dictionaries, which nothing checks against these at run time;
further fields may come at any time.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from sam2_session.services.operations.annotation_answers import Instance, InstanceClass, Region
from sam2_session.services.operations.work_answers import ErrorObject, Job


class Counts(Struct):
    """Counts of a video's annotations."""

    instances: int
    prompted_frames: int
    masks: int


class SegmentSource(Struct):
    """The frames of its source that a segment consists of, both included."""

    video_id: str
    first_frame: int
    last_frame: int


class Video(Struct):
    """A video and the progress of its extraction; `instances` only for a single video.

    `source` is that of a segment, null for other videos; `bytes` and `sha256` are those of the
    file, the latter null until its frames are extracted. `pixel_aspect` is the width of a
    pixel over its height, like 64/45: the page shows frames that much wider, while masks and
    coordinates are in the file's pixels.
    """

    video_id: str
    name: str
    num_frames: int
    extracted: int
    width: int
    height: int
    fps: float
    fps_fraction: str
    duration_s: float
    state: Literal["new", "extracting", "ready", "failed"]
    error: ErrorObject | None
    note: str | None
    source: SegmentSource | None
    version: str
    demo: bool
    bytes: int
    sha256: str | None
    pixel_aspect: str
    counts: Counts | UnsetType = UNSET
    instances: list[Instance] | UnsetType = UNSET


class Videos(Struct):
    """Every video."""

    videos: list[Video]


class VideoDeleted(Struct):
    """A deleted video, and its id in the trash."""

    deleted: bool
    video_id: str
    trash_id: str


class VideoMended(Struct):
    """A video whose database was replaced: the folder that keeps the old one, and its jobs."""

    video_id: str
    set_aside: str
    jobs: list[Job]


class FrameTable(Struct):
    """Presentation times and source numbers of the frames."""

    video_id: str
    fps: str
    time_base: str
    complete: bool
    frames: list[dict[str, Any]]


class VideoOpened(Struct):
    """A video with all its annotations and jobs; docs/socket.md describes each field."""

    rev: int
    video: Video
    regions: list[Region]
    classes: list[InstanceClass]
    instances: list[Instance]
    jobs: list[Job]
    last_seq: int
    model: dict[str, Any] | None
    prompts: list[dict[str, Any]] | UnsetType = UNSET
    masks: list[dict[str, Any]] | UnsetType = UNSET
    keypoints: list[dict[str, Any]] | UnsetType = UNSET
    history: list[dict[str, Any]] | UnsetType = UNSET
    packed: bytes | UnsetType = UNSET  # these four by column, as zlib of JSON
    packed_from: int | UnsetType = UNSET  # bytes of the JSON
