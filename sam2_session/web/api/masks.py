"""Masks of one (instance, region): PNG in, PNG out, and what is known of each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from sam2_session.hosts.base import Host
from sam2_session.web.api.prompts import REGION_PATH
from sam2_session.web.arguments import integer_argument, number_argument
from sam2_session.web.routes import operation
from sam2_session.web.strict_json import json_answer, json_object, read_body

MASK = f"{REGION_PATH}/masks/<index:frame_idx>.png"
MAX_PNG_BYTES = 16 * 1024 * 1024  # an 8-bit mask of 8192 x 8192 px, drawn wildly
FOR_EVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"


def masks_api(host: Host) -> Blueprint:
    """Routes below …/regions/{r}/masks."""
    api = Blueprint("masks", __name__, url_prefix="/api/videos")

    @api.get(f"{REGION_PATH}/masks")
    @operation("Every mask of a pair, without its pixels", answer="Masks")
    def list_masks(**key: Any) -> Response:
        return json_answer(host.call("list_masks", **key))

    @api.patch(f"{REGION_PATH}/masks")
    @operation("Approve masks, or not any more", body="Approval", answer="Approved")
    def approve_masks(**key: Any) -> Response:
        body = json_object(request)
        frames, approved = body.get("frames"), body.get("approved")
        return json_answer(host.call("approve_masks", **key, frames=frames, approved=approved))

    @api.delete(f"{REGION_PATH}/masks")
    @operation("Drop all masks of a pair that no prompt holds", answer="Dropped")
    def drop_masks(**key: Any) -> Response:
        return json_answer(host.call("drop_masks", **key))

    @api.post(f"{REGION_PATH}/masks/restore")
    @operation("Bring dropped masks back", body="Drop", answer="Restored")
    def restore_masks(**key: Any) -> Response:
        drop_id = json_object(request).get("drop_id")
        return json_answer(host.call("restore_masks", **key, drop_id=drop_id))

    @api.get(MASK)
    @operation(
        "A mask as PNG, 0 and 255, or tinted; with its rev in the URL it can be kept for ever",
        answer="image/png",
        query=("format", "colour", "alpha", "rev"),
    )
    def read_mask(**place: Any) -> Response:
        if request.method == "HEAD":
            return _head(host, place)
        mask = host.call(
            "read_mask",
            **place,
            format=request.args.get("format"),
            colour=request.args.get("colour"),
            alpha=number_argument(request, "alpha"),
        )
        return _cacheable(Response(mask["data"], mimetype=mask["content_type"]), mask["rev"])

    @api.put(MASK)
    @operation("Put a human-made mask", body="image/png", answer="Mask")
    def put_mask(**place: Any) -> Response:
        return json_answer(host.call("put_mask", **place, png=read_body(request, MAX_PNG_BYTES)))

    @api.delete(MASK)
    @operation("Delete a mask")
    def delete_mask(**place: Any) -> Response:
        return json_answer(host.call("delete_mask", **place))

    return api


def _head(host: Host, place: dict[str, Any]) -> Response:
    fact = host.call("stat_mask", **place)
    answer = Response(mimetype="image/png")
    if "format" not in request.args:
        answer.headers["Content-Length"] = str(fact["bytes"])
    return _cacheable(answer, fact["rev"])


def _cacheable(answer: Response, rev: int) -> Response:
    asked = integer_argument(request, "rev", low=0)
    answer.headers["Cache-Control"] = FOR_EVER if asked == rev else ASK_AGAIN
    answer.set_etag(f"{rev}")
    if request.method != "HEAD":
        answer.make_conditional(request)
    return answer
