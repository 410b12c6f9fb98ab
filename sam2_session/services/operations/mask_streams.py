"""Operations that send the masks of a range at once: ZIP, NPZ, or RLE in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sam2_session.core.errors import (
    InstanceNotFound,
    InvalidRequest,
    NotFound,
    RegionNotFound,
    VideoNotFound,
    VideoNotReady,
)
from sam2_session.services.fields.fields import (
    Fields,
    FrameIdx,
    OfVideo,
    PairList,
    Text,
    read_pairs,
)
from sam2_session.services.operations.operation import (
    Access,
    Call,
    Media,
    Operation,
    Route,
    Stream,
)
from sam2_session.services.operations.videos import VIDEO
from sam2_session.services.operations.work_answers import Done

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

QUERY = ("pairs", "start", "end", "approved_only")
ERRORS = (
    VideoNotFound, VideoNotReady, InstanceNotFound, RegionNotFound, InvalidRequest,
)  # fmt: skip


class StreamMasks(OfVideo, frozen=True, kw_only=True):
    """The pairs (all if left out), and the first and last frame."""

    pairs: PairList | None = None
    start: FrameIdx | None = None
    end: FrameIdx | None = None
    approved_only: bool = False


class OfStream(Fields, frozen=True, kw_only=True):
    """Names a stream."""

    stream_id: Text


def _stream(name: str, text: str, path: str, content_type: str, kind: str) -> Operation[Any]:
    def open_stream(services: Services, call: Call[StreamMasks]) -> dict[str, Any]:
        fields, pairs = call.fields, read_pairs(call.fields.pairs)
        chosen = {
            "pairs": "all" if pairs is None else pairs,
            "start": fields.start,
            "end": fields.end,
            "approved_only": fields.approved_only,
        }
        stream_id = services.mask_streams.open(fields.video_id, kind, chosen)
        return {"stream_id": stream_id, "file_name": f"{fields.video_id}-{path}"}

    return Operation(
        name=name,
        text=text,
        access=Access.VIEW,
        fields=StreamMasks,
        answer=Stream(content_type),
        errors=ERRORS,
        route=Route(method="GET", path=f"{VIDEO}/{path}", query=QUERY),
        do=open_stream,
    )


STREAM_ZIP = _stream(
    "stream_masks_zip",
    "The masks of a range as a ZIP of PNGs, made while it is sent",
    "masks.zip",
    "application/zip",
    "zip",
)
STREAM_NPZ = _stream(
    "stream_masks_npz",
    "The masks of a range as NumPy arrays, made while they are sent",
    "masks.npz",
    "application/octet-stream",
    "npz",
)
STREAM_RLE = _stream(
    "stream_masks_rle",
    "The masks of a range as COCO run lengths in JSON, made while they are sent",
    "rle.json",
    "application/json",
    "rle",
)

READ_STREAM = Operation(
    name="read_stream",
    text="The next bytes of a stream; none at its end",
    access=Access.INTERNAL,
    fields=OfStream,
    answer=Media("application/octet-stream"),
    errors=(NotFound,),
    do=lambda services, call: {"data": services.mask_streams.read(call.fields.stream_id)},
)

CLOSE_STREAM = Operation(
    name="close_stream",
    text="End a stream, sent whole or not",
    access=Access.INTERNAL,
    fields=OfStream,
    answer=Done,
    do=lambda services, call: services.mask_streams.close(call.fields.stream_id),
)
