"""Adds the addresses of masks and exports to answers; no other layer knows URLs."""

from __future__ import annotations

from typing import Any

from sam2_session.services.operations.annotation_answers import Prompted, Stepped
from sam2_session.services.operations.exchange_answers import Exports
from sam2_session.services.operations.exports import READ_EXPORT, READ_MANIFEST
from sam2_session.services.operations.masks import READ_MASK
from sam2_session.services.operations.operation import Operation


def add_links(operation: Operation[Any], params: dict[str, Any], answer: Any) -> Any:
    """Return the answer with `url` in a mask, `url` and `manifest_url` in exports."""
    if operation.answer in (Prompted, Stepped) and answer.get("mask"):
        mask = answer["mask"]
        url = f"{address(READ_MASK, **params)}?rev={mask['rev']}"
        return {**answer, "mask": {**mask, "url": url}}
    if operation.answer is Exports and "exports" in answer:
        video_id = params["video_id"]
        return {**answer, "exports": [_with_urls(video_id, row) for row in answer["exports"]]}
    return answer


def address(operation: Operation[Any], **fields: Any) -> str:
    """The path of an operation's route with these fields filled in."""
    if operation.route is None:
        raise ValueError(f"{operation.name} has no route")
    return operation.route.path.format(**fields)


def _with_urls(video_id: str, export: dict[str, Any]) -> dict[str, Any]:
    place = {"video_id": video_id, "export_id": export["export_id"]}
    return {
        **export,
        "url": address(READ_EXPORT, **place),
        "manifest_url": address(READ_MANIFEST, **place),
    }
