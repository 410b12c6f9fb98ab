"""Prompts of one (instance, region), and undo and redo."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from sam2_session.hosts.base import Host
from sam2_session.web.arguments import integer_argument
from sam2_session.web.routes import operation
from sam2_session.web.strict_json import json_answer, json_object

REGION_PATH = "/<video_id>/instances/<index:instance_id>/regions/<region>"


def prompts_api(host: Host) -> Blueprint:
    """Routes below …/regions/{r}/prompts, and the history of a frame."""
    api = Blueprint("prompts", __name__, url_prefix="/api/videos")

    @api.get(f"{REGION_PATH}/prompts")
    @operation("All prompts of a pair", answer="Prompts")
    def get_prompts(**key: Any) -> Response:
        return json_answer(host.call("get_prompts", **key))

    @api.put(f"{REGION_PATH}/prompts/<index:frame_idx>")
    @operation("Replace a frame's prompts; answers its mask", body="Prompt", answer="Prompted")
    def replace_prompts(**place: Any) -> Response:
        body = json_object(request)
        return json_answer(
            host.call(
                "replace_prompts",
                **place,
                points=body.get("points", []),
                box=body.get("box"),
                base_rev=body.get("base_rev"),
            )
        )

    @api.delete(f"{REGION_PATH}/prompts/<index:frame_idx>")
    @operation("Remove a frame's prompts and their mask", answer="Prompted", query=("base_rev",))
    def delete_prompts(**place: Any) -> Response:
        base_rev = json_object(request).get("base_rev")
        if base_rev is None:
            base_rev = integer_argument(request, "base_rev", low=0)
        return json_answer(host.call("delete_prompts", **place, base_rev=base_rev))

    @api.post("/<video_id>/undo")
    @operation("Take back the last change of a frame", body="Place", answer="Change")
    def undo(video_id: str) -> Response:
        return json_answer(host.call("undo", video_id=video_id, **_place(json_object(request))))

    @api.post("/<video_id>/redo")
    @operation("Make the change again", body="Place", answer="Change")
    def redo(video_id: str) -> Response:
        return json_answer(host.call("redo", video_id=video_id, **_place(json_object(request))))

    return api


def _place(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body.get(name) for name in ("instance_id", "region", "frame_idx", "scope")}
