"""Operations of a review: the cells of a video or of a batch, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from sam2_session.core.errors import BatchNotFound, VideoNotFound
from sam2_session.services.fields.fields import Count, FrameIdx, OfVideo, Positive
from sam2_session.services.operations.batches import BATCH, OfBatch
from sam2_session.services.operations.operation import Access, Call, Operation, Route
from sam2_session.services.operations.review_answers import Cells

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

MOST_CELLS = 10_000  # a page; about 3 MB
MOST_ITEMS = 200  # a page; the annotations of each are opened


class ListCells(OfVideo, frozen=True, kw_only=True):
    """Frames from `start` to `end`; of those with nothing to say only multiples of `every`."""

    start: FrameIdx = 0
    end: FrameIdx | None = None
    every: Positive = 1
    limit: Annotated[int, Meta(ge=1, le=MOST_CELLS)] = 5_000


class ListBatchCells(OfBatch, frozen=True, kw_only=True):
    """Items from number `start` on, `limit` of them at most."""

    start: Count = 1
    limit: Annotated[int, Meta(ge=1, le=MOST_ITEMS)] = 100


def list_cells(services: Services, call: Call[ListCells]) -> dict[str, Any]:
    """List the cells of a video."""
    fields = call.fields
    return services.cells.of_video(
        fields.video_id,
        start=fields.start,
        end=fields.end,
        every=fields.every,
        limit=fields.limit,
    )


def list_batch_cells(services: Services, call: Call[ListBatchCells]) -> dict[str, Any]:
    """List the cells of a batch's items."""
    fields = call.fields
    batch = services.batches.service.get(fields.batch_id)
    cells = services.cells.of_items(batch["items"], start=fields.start, limit=fields.limit)
    return {"name": batch["name"], **cells}


LIST_CELLS = Operation(
    name="list_cells",
    text="The frames of a video by pairs, with the state of each mask, for a review",
    access=Access.VIEW,
    fields=ListCells,
    answer=Cells,
    errors=(VideoNotFound,),
    route=Route(
        method="GET",
        path="/api/videos/{video_id}/cells",
        query=("start", "end", "every", "limit"),
    ),
    do=list_cells,
)

LIST_BATCH_CELLS = Operation(
    name="list_batch_cells",
    text="The first prompted frame of each item of a batch, with the state of its masks",
    access=Access.VIEW,
    fields=ListBatchCells,
    answer=Cells,
    errors=(BatchNotFound,),
    route=Route(method="GET", path=f"{BATCH}/cells", query=("start", "limit")),
    do=list_batch_cells,
)
