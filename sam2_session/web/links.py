"""Adds the URLs of masks, frames and exports to answers; only the web layer knows URLs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sam2_session.services.operations.annotation_answers import Prompted, Stepped
from sam2_session.services.operations.exchange_answers import Exports, ImportAnswer
from sam2_session.services.operations.exports import READ_EXPORT, READ_MANIFEST
from sam2_session.services.operations.masks import READ_MASK
from sam2_session.services.operations.operation import Operation
from sam2_session.services.operations.videos import READ_FRAME

THUMBNAIL_WIDTH_PX = 160

Answer = dict[str, Any]


def add_links(operation: Operation[Any], params: Answer, answer: Any) -> Any:
    """Return the answer with its URLs added, if answers of its type have any."""
    if isinstance(operation.answer, type) and operation.answer in LINKERS:
        return LINKERS[operation.answer](params, answer)
    return answer


def _link_mask(params: Answer, answer: Answer) -> Answer:
    mask = answer.get("mask")
    if not mask:
        return answer
    url = f"{READ_MASK.address(**params)}?rev={mask['rev']}"
    return {**answer, "mask": {**mask, "url": url}}


def _link_exports(params: Answer, answer: Answer) -> Answer:
    return {"exports": [_link_export(params["video_id"], row) for row in answer["exports"]]}


def _link_export(video_id: str, export: Answer) -> Answer:
    named = {"video_id": video_id, "export_id": export["export_id"]}
    urls = {"url": READ_EXPORT.address(**named), "manifest_url": READ_MANIFEST.address(**named)}
    return {**export, **urls}


def _link_items(params: Answer, answer: Answer) -> Answer:
    if "items" not in answer:
        return answer
    return {**answer, "items": [_link_item(params["video_id"], row) for row in answer["items"]]}


def _link_item(video_id: str, item: Answer) -> Answer:
    frame = READ_FRAME.address(video_id=video_id, frame_idx=item["frame_idx"])
    return {**item, "thumbnail": f"{frame}?width={THUMBNAIL_WIDTH_PX}"}


LINKERS: dict[type, Callable[[Answer, Answer], Answer]] = {
    Prompted: _link_mask,
    Stepped: _link_mask,
    Exports: _link_exports,
    ImportAnswer: _link_items,
}
