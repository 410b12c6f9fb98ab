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


def add_links(operation: Operation[Any], params: Answer, answer: Any, root: str = "") -> Any:
    """Return the answer with its URLs added, if answers of its type have any.

    `root` is the path under which the server is reached, such as ``/prefix``.
    """
    if isinstance(operation.answer, type) and operation.answer in LINKERS:
        return LINKERS[operation.answer](params, answer, root)
    return answer


def _link_mask(params: Answer, answer: Answer, root: str) -> Answer:
    mask = answer.get("mask")
    if not mask:
        return answer
    url = f"{root}{READ_MASK.address(**params)}?rev={mask['rev']}"
    return {**answer, "mask": {**mask, "url": url}}


def _link_exports(params: Answer, answer: Answer, root: str) -> Answer:
    rows = answer["exports"]
    return {"exports": [_link_export(params["video_id"], row, root) for row in rows]}


def _link_export(video_id: str, export: Answer, root: str) -> Answer:
    named = {"video_id": video_id, "export_id": export["export_id"]}
    file, manifest = READ_EXPORT.address(**named), READ_MANIFEST.address(**named)
    return {**export, "url": root + file, "manifest_url": root + manifest}


def _link_items(params: Answer, answer: Answer, root: str) -> Answer:
    if "items" not in answer:
        return answer
    rows = answer["items"]
    return {**answer, "items": [_link_item(params["video_id"], row, root) for row in rows]}


def _link_item(video_id: str, item: Answer, root: str) -> Answer:
    frame = READ_FRAME.address(video_id=video_id, frame_idx=item["frame_idx"])
    return {**item, "thumbnail": f"{root}{frame}?width={THUMBNAIL_WIDTH_PX}"}


LINKERS: dict[type, Callable[[Answer, Answer, str], Answer]] = {
    Prompted: _link_mask,
    Stepped: _link_mask,
    Exports: _link_exports,
    ImportAnswer: _link_items,
}
