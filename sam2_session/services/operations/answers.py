"""Shapes of the answers, for the documents that describe the API; further fields may come any time.

Services build their answers as plain dictionaries; nothing is checked against these at run time.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from sam2_session.core.types import JobState, MaskFlag, MaskSource

Box = tuple[float, float, float, float]
Span = tuple[int, int]


class ErrorObject(Struct):
    """The shape of every error."""

    code: str
    message: str
    hint: str


class Counts(Struct):
    """How much of a video is annotated."""

    instances: int
    prompted_frames: int
    masks: int


class Instance(Struct):
    """One physical thing that is tracked."""

    instance_id: int
    name: str
    colour: str
    hidden: bool
    locked: bool


class Video(Struct):
    """One video and how far its extraction is; `instances` only where one video is asked for."""

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
    counts: Counts | UnsetType = UNSET
    instances: list[Instance] | UnsetType = UNSET


class Videos(Struct):
    """Every video."""

    videos: list[Video]


class VideoDeleted(Struct):
    """A deleted video, and the name under which it waits in the trash."""

    deleted: bool
    video_id: str
    trash_id: str


class FrameRow(Struct):
    """One frame: its presentation time, and which frame of the file it is."""

    frame_idx: int
    pts: int
    time_s: float


class FrameTable(Struct):
    """Presentation times and source numbers of the frames."""

    video_id: str
    fps: str
    time_base: str
    complete: bool
    frames: list[dict[str, Any]]


class UploadStarted(Struct):
    """Where to write a file, and how long it may be."""

    upload_id: str
    path: str
    max_bytes: int


class Region(Struct):
    """A region: `name` names folders, `label` is shown."""

    name: str
    label: str


class Regions(Struct):
    """Every region, in the order of the page."""

    regions: list[Region]


class RegionDeleted(Struct):
    """A region that is no longer listed."""

    deleted: bool
    name: str
    label: str


class Instances(Struct):
    """The instances of a video that are not deleted."""

    instances: list[Instance]


class InstanceDeleted(Struct):
    """A deleted instance; it can be brought back."""

    deleted: bool
    instance_id: int


class Point(Struct):
    """One click."""

    x: float
    y: float
    label: Literal[0, 1]


class FramePrompt(Struct):
    """The prompts of one frame."""

    frame_idx: int
    points: list[Point]
    box: Box | None
    mask: bool
    rev: int


class Prompts(Struct):
    """Every prompted frame of a pair."""

    rev: int
    prompts: list[FramePrompt]


class Mask(Struct):
    """The mask that a change led to."""

    rev: int
    score: float | None
    area: int
    box: Box | None
    url: str | UnsetType = UNSET


class Prompted(Struct):
    """A change of a frame's prompts, the steps that can be undone and redone, and its mask."""

    rev: int
    undo: int
    redo: int
    mask: Mask | None | UnsetType = UNSET  # REST waits for it; Socket.IO announces it


class Stepped(Struct):
    """What undo or redo led to: `mask` for prompts only."""

    rev: int
    undo: int
    redo: int
    mask: Mask | None | UnsetType = UNSET


class MaskFacts(Struct):
    """One mask, without its pixels."""

    frame_idx: int
    rev: int
    source: MaskSource
    score: float | None
    area: int
    box: Box | None
    stale: bool
    approved: bool
    run: int | None
    flags: list[MaskFlag]


class Masks(Struct):
    """Every mask of a pair."""

    masks: list[MaskFacts]


class Approved(Struct):
    """The spans of frames whose approval changed."""

    rev: int
    frames: list[Span]
    count: int


class Dropped(Struct):
    """How many masks went to the trash, and the name under which they come back."""

    rev: int
    drop_id: str
    dropped: int


class Restored(Struct):
    """How many masks came back."""

    rev: int
    restored: int


class Keypoint(Struct):
    """A named point of an instance on one frame."""

    keypoint_id: int
    frame_idx: int
    x: float
    y: float
    name: str
    visible: bool


class Keypoints(Struct):
    """Every keypoint of an instance."""

    rev: int
    keypoints: list[Keypoint]


class KeypointChanged(Struct):
    """A change of a frame's keypoints."""

    rev: int
    undo: int
    redo: int
    keypoint_id: int | UnsetType = UNSET


class JobStarted(Struct):
    """The job that does what was asked."""

    job_id: str
    rev: int | UnsetType = UNSET


class PairName(Struct):
    """An (instance, region) pair."""

    instance_id: int
    region: str


class Paused(Struct):
    """Why a run paused: the flag, the first frame it marks, and the pairs it happened to."""

    flag: MaskFlag
    frame_idx: int
    pairs: list[PairName]


class Job(Struct):
    """One piece of long work; `total` counts frames, steps or bytes."""

    job_id: str
    kind: str
    state: JobState
    done: int
    total: int
    eta_s: float | None
    position: int | None
    frame_idx: int | None
    video_id: str | None
    pairs: list[dict[str, Any]]
    error: ErrorObject | None
    paused: Paused | None


class Jobs(Struct):
    """Every job, oldest first."""

    jobs: list[Job]


class FormatOption(Struct):
    """One option of a format; the page draws its field from it."""

    name: str
    kind: str
    default: Any
    help: str


class Exporter(Struct):
    """A format that can be written."""

    name: str
    label: str
    suffix: str
    group: str
    purpose: str
    holds: list[str]
    options: list[FormatOption]


class Importer(Struct):
    """A format that can be read."""

    name: str
    label: str
    suffixes: list[str]
    holds: list[str]
    reads: str


class Formats(Struct):
    """Every format."""

    exporters: list[Exporter]
    importers: list[Importer]


class Export(Struct):
    """One export that is whole."""

    export_id: str
    format: str
    label: str
    file: str
    bytes: int
    sha256: str
    created_at: str
    url: str | UnsetType = UNSET
    manifest_url: str | UnsetType = UNSET


class Exports(Struct):
    """Every whole export of a video, oldest first."""

    exports: list[Export]


class ExportDeleted(Struct):
    """An export that is gone."""

    deleted: bool
    export_id: str


class Choice(Struct):
    """One of several things in a file."""

    value: str
    label: str


class Note(Struct):
    """A remark on an import, with examples."""

    outcome: Literal["clamped", "skipped", "warning", "note"]
    why: str
    count: int
    examples: list[str]


class ImportAnswer(Struct):
    """The job of an import, or the report of a dry run."""

    import_id: str | UnsetType = UNSET
    job_id: str | UnsetType = UNSET
    file_id: str | UnsetType = UNSET
    format: str | UnsetType = UNSET
    needs: str | None | UnsetType = UNSET
    tasks: list[Choice] | UnsetType = UNSET
    annotators: list[Choice] | UnsetType = UNSET
    frame_offset: int | None | UnsetType = UNSET
    first_file: str | None | UnsetType = UNSET
    subjects: list[dict[str, Any]] | UnsetType = UNSET
    items: list[dict[str, Any]] | UnsetType = UNSET
    counts: dict[str, int] | UnsetType = UNSET
    notes: list[Note] | UnsetType = UNSET


class ImportRecord(Struct):
    """One import of the past."""

    import_id: str
    name: str
    format: str
    undone: bool


class Imports(Struct):
    """What was imported, and the mapping that the next file starts from."""

    imports: list[ImportRecord]
    mapping: dict[str, Any]


class ImportUndone(Struct):
    """Frames taken back, and frames that stay since they changed after the import."""

    rev: int
    import_id: str
    frames: int
    kept: int


class Model(Struct):
    """A model and how far it is."""

    name: str
    label: str
    state: Literal["missing", "ready", "downloading", "loading", "selected", "failed"]
    bytes: int | None
    demo: bool
    device: str | None
    precision: str | None
    done: int
    total: int
    error: ErrorObject | None


class Models(Struct):
    """Every model."""

    models: list[Model]


class VideoOpened(Struct):
    """A video with everything that a page must know of it; docs/socket.md spells it out."""

    rev: int
    video: Video
    regions: list[Region]
    instances: list[Instance]
    prompts: list[dict[str, Any]]
    masks: list[dict[str, Any]]
    keypoints: list[dict[str, Any]]
    history: list[dict[str, Any]]
    jobs: list[Job]
    last_seq: int
    model: dict[str, Any] | None


class Done(Struct):
    """Nothing more to say."""


class JobCancelled(Job):
    """The job as it is after the cancel was taken."""
