"""Operations that write a report: one HTML page that needs no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sam2_session.core.errors import BatchNotFound, VideoNotFound
from sam2_session.services.fields.fields import OfVideo
from sam2_session.services.operations.batches import BATCH, OfBatch
from sam2_session.services.operations.operation import Access, Call, Media, Operation, Route
from sam2_session.services.operations.videos import VIDEO

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

HTML = "text/html"


def report_video(services: Services, call: Call[OfVideo]) -> dict[str, Any]:
    """Write the report of a video."""
    video_id = call.fields.video_id
    page = services.reports.of_video(video_id)
    return {"data": page, "content_type": HTML, "file_name": f"{video_id}-report.html"}


def report_batch(services: Services, call: Call[OfBatch]) -> dict[str, Any]:
    """Write the report of a batch."""
    batch = services.batches.service.get(call.fields.batch_id)
    page = services.reports.of_batch(batch)
    return {"data": page, "content_type": HTML, "file_name": f"{batch['batch_id']}-report.html"}


REPORT_VIDEO = Operation(
    name="report_video",
    text="A report of a video: coverage, what looks wrong, who did what; one page for offline use",
    access=Access.VIEW,
    fields=OfVideo,
    answer=Media(HTML),
    errors=(VideoNotFound,),
    route=Route(method="GET", path=f"{VIDEO}/report.html"),
    do=report_video,
)

REPORT_BATCH = Operation(
    name="report_batch",
    text="A report of a batch, with every video of it; one page for offline use",
    access=Access.VIEW,
    fields=OfBatch,
    answer=Media(HTML),
    errors=(BatchNotFound,),
    route=Route(method="GET", path=f"{BATCH}/report.html"),
    do=report_batch,
)
