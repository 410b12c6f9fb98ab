"""Operations on batches: make, list, change, and work through their items."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sam2_session.core.batch_step import Step, Verb
from sam2_session.core.errors import (
    BatchNotFound,
    Conflict,
    ExportNotFound,
    InvalidRequest,
    NothingToDo,
    UnsupportedVideo,
    VideoNotFound,
)
from sam2_session.services.fields.fields import (
    ClientId,
    Colour,
    Count,
    Fields,
    FrameIdx,
    Name,
    Nothing,
    PersonName,
    Positive,
    Text,
)
from sam2_session.services.operations.batch_answers import (
    BatchAnswer,
    BatchDeleted,
    BatchExportList,
    BatchList,
    BatchStepAnswer,
    ProcessingStarted,
)
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Call,
    Operation,
    Pages,
    Route,
    Stream,
)
from sam2_session.services.operations.trash import BY, client_of
from sam2_session.services.operations.work_answers import Job

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

BATCH = "/api/batches/{batch_id}"
MAX_ITEMS = 10_000
MAX_OFFSET = 10**7
Reason = Annotated[str, Meta(max_length=1000)]
VideoIds = Annotated[
    list[Text],
    Meta(min_length=1, max_length=MAX_ITEMS, extra_json_schema={"uniqueItems": True}),
]
Seconds = Annotated[float, Meta(gt=0, le=1e6)]


class Cut(Fields, frozen=True, kw_only=True):
    """The places to cut a video at: one of the four."""

    every_frames: Positive | None = None
    every_s: Seconds | None = None
    at: Literal["scene_cuts"] | None = None
    frames: Annotated[list[FrameIdx], Meta(max_length=MAX_ITEMS)] | None = None


class CreateBatch(Fields, frozen=True, kw_only=True):
    """The source of a batch: `video_ids`, a `folder` in videos/, or a `video_id` with its `cut`."""

    name: Name | None = None
    video_ids: VideoIds | None = None
    folder: Text | None = None
    video_id: Text | None = None
    cut: Cut | None = None


class OfBatch(Fields, frozen=True, kw_only=True):
    """Names a batch."""

    batch_id: Text


class DeleteBatch(OfBatch, frozen=True, kw_only=True):
    """The batch to delete, with `segments` also those of its segments that nobody annotated."""

    segments: bool = False
    client_id: ClientId | None = None
    client_name: PersonName | None = None


class SettingsFields(Fields, frozen=True, kw_only=True):
    """Settings to change; those left out stay."""

    offset: Annotated[int, Meta(ge=0, le=MAX_OFFSET)] | UnsetType = UNSET
    background: Colour | UnsetType = UNSET
    start_item: Positive | UnsetType = UNSET
    carry_names: bool | UnsetType = UNSET


class UpdateBatch(OfBatch, frozen=True, kw_only=True):
    """Changes of a batch; `video_ids` are its videos in their new order."""

    name: Name | UnsetType = UNSET
    settings: SettingsFields | UnsetType = UNSET
    video_ids: VideoIds | UnsetType = UNSET


class BatchStep(OfBatch, frozen=True, kw_only=True):
    """A step of an item; `reason` goes with `reject`, `note` with `note`."""

    item: Count
    verb: Verb
    reason: Reason = ""
    note: Reason = ""
    client_id: ClientId | None = None


class ExportFields(Fields, frozen=True, kw_only=True):
    """The export to make after each item."""

    format: Text
    options: dict[str, Any] = {}


class ProcessBatch(OfBatch, frozen=True, kw_only=True):
    """The items to process, by number or by state, and the export to make of each."""

    items: (
        Annotated[list[Positive], Meta(min_length=1, max_length=MAX_ITEMS)]
        | Literal["annotated", "failed", "rejected"]
    ) = "annotated"
    export: ExportFields | None = None


class OfBatchExport(OfBatch, frozen=True, kw_only=True):
    """Names a folder of exports by its format."""

    format: Text


class ChangeProcessing(OfBatch, frozen=True, kw_only=True):
    """A step of the processing of a batch."""

    verb: Literal["pause", "resume", "cancel", "retry"]


def create_batch(services: Services, call: Call[CreateBatch]) -> dict[str, Any]:
    """Make a batch from the one source that is given."""
    wanted, batches = call.fields, services.batches.service
    sources = (wanted.video_ids, wanted.folder, wanted.video_id)
    if sum(source is not None for source in sources) != 1:
        raise InvalidRequest(
            "A batch has one source.", hint="Send video_ids, folder, or video_id with cut."
        )
    if wanted.video_ids is not None:
        return batches.create_from_videos(wanted.name or "batch", wanted.video_ids)
    if wanted.folder is not None:
        return batches.create_from_folder(wanted.name, wanted.folder)
    video_id, cut = str(wanted.video_id), wanted.cut or Cut()
    if sum(getattr(cut, name) is not None for name in cut.__struct_fields__) != 1:
        raise InvalidRequest(
            "A cut has one rule.", hint='Send every_frames, every_s, frames, or at: "scene_cuts".'
        )
    if cut.at is not None:
        return batches.create_from_scene_cuts(wanted.name, video_id)
    return batches.create_from_cut(
        wanted.name,
        video_id,
        every_frames=cut.every_frames,
        every_s=cut.every_s,
        frames=cut.frames,
    )


def update_batch(services: Services, call: Call[UpdateBatch]) -> dict[str, Any]:
    """Change a batch."""
    sent = {k: v for k, v in msgspec.to_builtins(call.fields).items() if k != "batch_id"}
    if not sent:
        raise InvalidRequest("Nothing to change.", hint="Send name, settings or video_ids.")
    return services.batches.service.update(call.fields.batch_id, sent)


def delete_batch(services: Services, call: Call[DeleteBatch]) -> dict[str, Any]:
    """Delete a batch, and its untouched segments if wanted."""
    batch_id, batches = call.fields.batch_id, services.batches.service
    client = client_of(call.fields.client_id, call.fields.client_name)
    video_ids = batches.untouched_segments(batch_id) if call.fields.segments else []
    answer = batches.delete(batch_id, client)
    for video_id in video_ids:
        services.jobs.cancel_video(video_id)
        services.journal.note_ends(video_id, services.jobs.jobs(video_id))
        services.videos.delete(video_id, partial(services.projects.close_one, video_id), client)
        services.jobs.forget_video(video_id)
    return {**answer, "segments": len(video_ids)}


def step(services: Services, call: Call[BatchStep]) -> dict[str, Any]:
    """Do something with one item."""
    fields = call.fields
    text = fields.reason if fields.verb is Verb.REJECT else fields.note
    wanted = Step(fields.batch_id, fields.item, fields.verb, fields.client_id or call.sid, text)
    return services.batches.steps.do(wanted)


def process_batch(services: Services, call: Call[ProcessBatch]) -> dict[str, Any]:
    """Queue items to be processed."""
    fields = call.fields
    export = (fields.export.format, fields.export.options) if fields.export else None
    return services.batches.processing.begin(fields.batch_id, fields.items, export)


def change_processing(services: Services, call: Call[ChangeProcessing]) -> dict[str, Any]:
    """Pause, resume, cancel or retry the processing of a batch; returns its job."""
    processing, batch_id = services.batches.processing, call.fields.batch_id
    match call.fields.verb:
        case "cancel":
            return processing.cancel(batch_id)
        case "retry":
            return services.jobs.get(processing.retry(batch_id)["job_id"])
        case verb:
            return processing.hold(batch_id, on_hold=verb == "pause")


def stream_export(services: Services, call: Call[OfBatchExport]) -> dict[str, Any]:
    """Begin a ZIP of a folder of exports."""
    batch_id, name = call.fields.batch_id, call.fields.format
    pieces = services.batches.exports.zip(batch_id, name)
    return {
        "stream_id": services.mask_streams.begin(pieces),
        "file_name": f"{batch_id}-{name}.zip",
    }


LIST_BATCHES = Operation(
    name="list_batches",
    text="Every batch, with the number of its items in each state",
    access=Access.VIEW,
    fields=Nothing,
    answer=BatchList,
    route=Route(method="GET", path="/api/batches", pages=Pages("batches", "batch_id")),
    do=lambda services, _: services.batches.service.list(),
)

CREATE_BATCH = Operation(
    name="create_batch",
    text="Make a batch of videos, of a folder in videos/, or of the segments of a long video",
    access=Access.EDIT,
    fields=CreateBatch,
    answer=BatchAnswer,
    errors=(InvalidRequest, VideoNotFound, UnsupportedVideo, Conflict),
    route=Route(method="POST", path="/api/batches", status=201, body=Body.JSON),
    do=create_batch,
)

GET_BATCH = Operation(
    name="get_batch",
    text="One batch, with its items and who is on them",
    access=Access.VIEW,
    fields=OfBatch,
    answer=BatchAnswer,
    errors=(BatchNotFound,),
    route=Route(method="GET", path=BATCH, pages=Pages("items", "item")),
    do=lambda services, call: services.batches.service.get(call.fields.batch_id),
)

UPDATE_BATCH = Operation(
    name="update_batch",
    text="Change name, settings, or the videos of a batch and their order",
    access=Access.EDIT,
    fields=UpdateBatch,
    answer=BatchAnswer,
    errors=(BatchNotFound, VideoNotFound, InvalidRequest),
    route=Route(method="PATCH", path=BATCH, body=Body.JSON),
    do=update_batch,
)

DELETE_BATCH = Operation(
    name="delete_batch",
    text="Move a batch and its exports to the trash, from where it can come back; its videos stay",
    access=Access.EDIT,
    fields=DeleteBatch,
    answer=BatchDeleted,
    errors=(BatchNotFound, Conflict),
    route=Route(method="DELETE", path=BATCH, query=("segments", *BY)),
    do=delete_batch,
)

BATCH_STEP = Operation(
    name="batch_step",
    text="Do something with an item: save it, skip it, go on to the next one to do …",
    access=Access.EDIT,
    fields=BatchStep,
    answer=BatchStepAnswer,
    errors=(BatchNotFound, InvalidRequest, NothingToDo, VideoNotFound, Conflict),
    event=True,
    route=Route(method="POST", path=f"{BATCH}/items/{{item}}/{{verb}}", body=Body.JSON),
    do=step,
)

PROCESS_BATCH = Operation(
    name="process_batch",
    text="Process items one after another: a run for each, then an export if wanted",
    access=Access.EDIT,
    fields=ProcessBatch,
    answer=ProcessingStarted,
    errors=(BatchNotFound, InvalidRequest, NothingToDo, Conflict),
    event=True,
    route=Route(method="POST", path=f"{BATCH}/process", status=202, body=Body.JSON),
    do=process_batch,
)

CHANGE_PROCESSING = Operation(
    name="change_processing",
    text="Pause, resume or cancel the processing of a batch, or retry what failed",
    access=Access.EDIT,
    fields=ChangeProcessing,
    answer=Job,
    errors=(BatchNotFound, NothingToDo, Conflict, InvalidRequest),
    event=True,
    route=Route(method="POST", path=f"{BATCH}/process/{{verb}}"),
    ack_field="job",
    do=change_processing,
)

LIST_BATCH_EXPORTS = Operation(
    name="list_batch_exports",
    text="The folders of what is exported of a batch",
    access=Access.VIEW,
    fields=OfBatch,
    answer=BatchExportList,
    errors=(BatchNotFound,),
    route=Route(method="GET", path=f"{BATCH}/exports"),
    do=lambda services, call: services.batches.exports.list(call.fields.batch_id),
)

STREAM_BATCH_EXPORT = Operation(
    name="stream_batch_export",
    text="What is exported of a batch in one format as a ZIP, made while it is sent",
    access=Access.VIEW,
    fields=OfBatchExport,
    answer=Stream("application/zip"),
    errors=(BatchNotFound, ExportNotFound, Conflict),
    route=Route(method="GET", path=f"{BATCH}/exports/{{format}}.zip"),
    do=stream_export,
)
