"""The operation that compacts a video."""

from __future__ import annotations

from sam2_session.core.errors import Conflict, StorageFailed, VideoNotFound
from sam2_session.services.fields.fields import OfVideo
from sam2_session.services.operations.operation import Access, Operation, Route
from sam2_session.services.operations.video_answers import VideoCompacted
from sam2_session.services.operations.videos import VIDEO

COMPACT_VIDEO = Operation(
    name="compact_video",
    text="Give back the disk space of what is kept twice or no longer needed; an idle video that "
    "is open is compacted by itself",
    access=Access.EDIT,
    fields=OfVideo,
    answer=VideoCompacted,
    errors=(VideoNotFound, Conflict, StorageFailed),
    route=Route(method="POST", path=f"{VIDEO}/compact"),
    do=lambda services, call: services.compaction.compact(call.fields.video_id),
)
