"""Operations on videos: list, upload, read, open, delete and restore."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from sam2_session.core.errors import (
    Conflict,
    FrameNotExtracted,
    FrameNotFound,
    InvalidRequest,
    NotFound,
    NothingToDo,
    StorageFailed,
    TooLarge,
    UnsupportedVideo,
    VideoNotFound,
)
from sam2_session.services.fields.fields import (
    ClientId,
    Fields,
    FrameIdx,
    ListForm,
    Nothing,
    OfVideo,
    PairName,
    PersonName,
    Text,
)
from sam2_session.services.operations.exchange_answers import UploadStarted
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
from sam2_session.services.operations.trash import BY, client_of
from sam2_session.services.operations.video_answers import (
    FrameTable,
    Video,
    VideoDeleted,
    VideoMended,
    VideoOpened,
    Videos,
)
from sam2_session.services.operations.work_answers import Done

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

VIDEO = "/api/videos/{video_id}"
MAX_WIDTH_PX = 8192


class OpenVideo(OfVideo, frozen=True, kw_only=True):
    """The video to open, and the client that opens it.

    Clients with one `person_id` belong to one person; `name` is shown to others. With the form
    `columns`, prompts, masks, keypoints and history come in `packed`.
    """

    client_id: ClientId
    person_id: ClientId | None = None
    name: PersonName | None = None
    form: ListForm = "rows"


class CloseVideo(Fields, frozen=True, kw_only=True):
    """The video whose events are no longer wanted."""

    video_id: Text | None = None


class LookAt(OfVideo, frozen=True, kw_only=True):
    """The frame on a client's screen, the pair it works on, and its person's name of now."""

    frame_idx: FrameIdx
    pair: PairName | None = None
    name: PersonName | None = None


class ReadFrame(OfVideo, frozen=True, kw_only=True):
    """A frame, and the width to scale it down to."""

    frame_idx: FrameIdx
    width: Annotated[int, Meta(ge=1, le=MAX_WIDTH_PX)] | None = None


class DeleteVideo(OfVideo, frozen=True, kw_only=True):
    """The video to delete, and who does it."""

    client_id: ClientId | None = None
    client_name: PersonName | None = None


class RestoreVideo(Fields, frozen=True, kw_only=True):
    """The `trash_id` that the deletion returned."""

    trash_id: Text


class StartUpload(Fields, frozen=True, kw_only=True):
    """The name of a video file to upload."""

    name: str


class OfUpload(Fields, frozen=True, kw_only=True):
    """Names an upload."""

    file_id: str


def get_video(services: Services, call: Call[OfVideo]) -> dict[str, Any]:
    """Read a video's facts and its instances; its frames are extracted from now on."""
    video_id = call.fields.video_id
    services.videos.want(video_id)
    instances = services.snapshot.instances(video_id)
    return {**services.videos.to_wire(video_id), "instances": instances}


def open_video(services: Services, call: Call[OpenVideo]) -> dict[str, Any]:
    """Resume the work that a crash interrupted, and read everything a page shows of a video."""
    video_id, client_id = call.fields.video_id, call.fields.client_id
    services.presence.require_free(call.sid, video_id)
    video = _prepare(services, video_id)
    person = (call.fields.person_id or "", call.fields.name or "")
    services.people.enter(call.sid, video_id, client_id, *person)
    return {
        "video": video,
        **services.snapshot.read(video_id, client_id, form=call.fields.form),
        **services.jobs.list(video_id),
        "model": services.models.current,
    }


def extract_video(services: Services, call: Call[OfVideo]) -> dict[str, Any]:
    """Do what opening a video does, but without a client; one that failed is tried again."""
    video_id = call.fields.video_id
    services.videos.try_again(video_id)
    return _prepare(services, video_id)


def _prepare(services: Services, video_id: str) -> dict[str, Any]:
    """Extract the frames before those of other videos, and resume what a crash interrupted."""
    video = services.videos.open(video_id)
    project = services.projects.get(video_id)
    if not project.is_read_only:
        services.journal.restore_video(services.jobs, video_id)
        services.predictions.catch_up(project)
        services.runs.resume(project)
        services.imports.adopt(project)
    return video


def delete_video(services: Services, call: Call[DeleteVideo]) -> dict[str, Any]:
    """Stop the video's jobs, close it, and move all of it to the trash."""
    video_id = call.fields.video_id
    services.videos.info(video_id)
    services.jobs.cancel_video(video_id)
    services.journal.note_ends(video_id, services.jobs.jobs(video_id))
    services.projects.finish_files(video_id)
    client = client_of(call.fields.client_id, call.fields.client_name)
    close = partial(services.projects.close_one, video_id)
    trash_id = services.videos.delete(video_id, close, client)
    services.jobs.forget_video(video_id)
    return {"deleted": True, "video_id": video_id, "trash_id": trash_id}


def read_frame(services: Services, call: Call[ReadFrame]) -> dict[str, Any]:
    """Read a frame as JPEG."""
    frame = call.fields
    if frame.frame_idx:  # the first one is also the picture of the video in lists
        services.videos.want(frame.video_id)
    data = services.videos.frames.read(frame.video_id, frame.frame_idx, frame.width)
    return {"data": data, "content_type": "image/jpeg"}


def get_frame_table(services: Services, call: Call[OfVideo]) -> dict[str, Any]:
    """Read the times of the frames, which are extracted from now on."""
    services.videos.want(call.fields.video_id)
    return services.videos.frames.times(call.fields.video_id)


def close_video(services: Services, call: Call[CloseVideo]) -> dict[str, Any]:
    """Remove a client from the viewers of its video."""
    services.presence.leave(call.sid)
    services.prefetcher.leave(call.sid)
    return {}


def look_at(services: Services, call: Call[LookAt]) -> dict[str, Any]:
    """Note the frame on a client's screen, and encode it before the first click."""
    look = call.fields
    pair = (look.pair.instance_id, look.pair.region) if look.pair else None
    services.people.look(call.sid, look.frame_idx, pair, look.name)
    services.prefetcher.look(call.sid, look.video_id, look.frame_idx)
    return {}


LIST_VIDEOS = Operation(
    name="list_videos",
    text="Every video, with the state of its extraction",
    access=Access.VIEW,
    fields=Nothing,
    answer=Videos,
    route=Route(method="GET", path="/api/videos", pages=Pages("videos", "video_id")),
    do=lambda services, _: {"videos": services.videos.list()},
)

GET_VIDEO = Operation(
    name="get_video",
    text="One video, with its instances and counts",
    access=Access.VIEW,
    fields=OfVideo,
    answer=Video,
    errors=(VideoNotFound,),
    route=Route(method="GET", path=VIDEO),
    do=get_video,
)

OPEN_VIDEO = Operation(
    name="open_video",
    text="Open a video: read everything a page shows of it, and receive its events from now on",
    access=Access.VIEW,
    fields=OpenVideo,
    answer=VideoOpened,
    errors=(VideoNotFound, Conflict),
    event=True,
    do=open_video,
)

EXTRACT_VIDEO = Operation(
    name="extract_video",
    text="Extract the frames of a video that nobody opened yet, or try again after a failure; "
    "its `state` says how far it is",
    access=Access.EDIT,
    fields=OfVideo,
    answer=Video,
    errors=(VideoNotFound, Conflict),
    route=Route(method="POST", path=f"{VIDEO}/extract"),
    do=extract_video,
)

CLOSE_VIDEO = Operation(
    name="close_video",
    text="Stop receiving the events of a video",
    access=Access.VIEW,
    fields=CloseVideo,
    answer=Done,
    event=True,
    do=close_video,
)

LOOK_AT = Operation(
    name="look_at",
    text="Report the frame on the screen, to encode it ahead and to show other clients",
    access=Access.VIEW,
    fields=LookAt,
    answer=Done,
    event=True,
    do=look_at,
)

DELETE_VIDEO = Operation(
    name="delete_video",
    text="Delete a video and everything made of it; it can be brought back",
    access=Access.EDIT,
    fields=DeleteVideo,
    answer=VideoDeleted,
    errors=(VideoNotFound, StorageFailed),
    route=Route(method="DELETE", path=VIDEO, query=BY),
    do=delete_video,
)

RESTORE_VIDEO = Operation(
    name="restore_video",
    text="Bring a deleted video back",
    access=Access.EDIT,
    fields=RestoreVideo,
    answer=Video,
    errors=(NotFound, Conflict),
    route=Route(method="POST", path="/api/videos/restore", body=Body.JSON),
    do=lambda services, call: services.videos.restore(call.fields.trash_id),
)

MEND_VIDEO = Operation(
    name="mend_video",
    text="Set a damaged database aside, and make one from the JSON files and masks beside it",
    access=Access.EDIT,
    fields=OfVideo,
    answer=VideoMended,
    errors=(VideoNotFound, NothingToDo, Conflict),
    route=Route(method="POST", path=f"{VIDEO}/mend"),
    do=lambda services, call: services.rebuild.rebuild(call.fields.video_id),
)

READ_FRAME = Operation(
    name="read_frame",
    text="One frame, scaled to `width` if given",
    access=Access.VIEW,
    fields=ReadFrame,
    answer=Media("image/jpeg"),
    errors=(VideoNotFound, FrameNotFound, FrameNotExtracted),
    route=Route(
        method="GET",
        path=f"{VIDEO}/frames/{{frame_idx}}.jpg",
        query=("width",),
        cache=Cache.ONE_DAY,
    ),
    do=read_frame,
)

GET_FRAME_TABLE = Operation(
    name="get_frame_table",
    text="Presentation time and source number of every frame",
    access=Access.VIEW,
    fields=OfVideo,
    answer=FrameTable,
    errors=(VideoNotFound,),
    route=Route(method="GET", path=f"{VIDEO}/frames.json"),
    do=get_frame_table,
)

START_UPLOAD = Operation(
    name="start_upload",
    text="Say where to write the bytes of a new video",
    access=Access.INTERNAL,
    fields=StartUpload,
    answer=UploadStarted,
    errors=(InvalidRequest, UnsupportedVideo),
    do=lambda services, call: services.videos.start_upload(
        call.fields.name, services.max_upload_bytes
    ),
)

UPLOAD_VIDEO = Operation(
    name="finish_upload",
    text="Upload a video or a ZIP of frames as the part `file`",
    access=Access.EDIT,
    fields=OfUpload,
    answer=Video,
    errors=(UnsupportedVideo, TooLarge, StorageFailed),
    route=Route(
        method="POST", path="/api/videos", status=201, body=Body.FILE, upload="start_upload"
    ),
    do=lambda services, call: services.videos.finish_upload(call.fields.file_id),
)

ABORT_UPLOAD = Operation(
    name="abort_upload",
    text="Forget an upload and its bytes",
    access=Access.INTERNAL,
    fields=OfUpload,
    answer=None,
    do=lambda services, call: services.videos.abort_upload(call.fields.file_id),
)
