"""Instances and their keypoints."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sam2_session.hosts.base import Host
from sam2_session.web.routes import operation
from sam2_session.web.strict_json import json_answer, json_object


def instances_api(host: Host) -> Blueprint:
    """Routes below /api/videos/{v}/instances."""
    api = Blueprint("instances", __name__, url_prefix="/api/videos/<video_id>/instances")

    @api.get("")
    @operation("The instances of a video", answer="Instances")
    def list_instances(video_id: str) -> Response:
        return json_answer(host.call("list_instances", video_id=video_id))

    @api.post("")
    @operation("Add an instance", body="NewInstance", answer="Instance", status=201)
    def create_instance(video_id: str) -> Response:
        fields = json_object(request)
        return json_answer(host.call("create_instance", video_id=video_id, fields=fields), 201)

    @api.patch("/<index:instance_id>")
    @operation("Rename, recolour, hide, lock or bring back", body="Changes", answer="Instance")
    def update_instance(video_id: str, instance_id: int) -> Response:
        changes = json_object(request)
        return json_answer(
            host.call(
                "update_instance", video_id=video_id, instance_id=instance_id, changes=changes
            )
        )

    @api.delete("/<index:instance_id>")
    @operation("Delete an instance; it can be brought back")
    def delete_instance(video_id: str, instance_id: int) -> Response:
        return json_answer(host.call("delete_instance", video_id=video_id, instance_id=instance_id))

    @api.get("/<index:instance_id>/keypoints")
    @operation("The keypoints of an instance", answer="Keypoints")
    def get_keypoints(video_id: str, instance_id: int) -> Response:
        return json_answer(host.call("get_keypoints", video_id=video_id, instance_id=instance_id))

    @api.put("/<index:instance_id>/keypoints")
    @operation("Replace the keypoints", body="Keypoints", answer="Keypoints")
    def replace_keypoints(video_id: str, instance_id: int) -> Response:
        body = json_object(request)
        return json_answer(
            host.call(
                "replace_keypoints",
                video_id=video_id,
                instance_id=instance_id,
                keypoints=body.get("keypoints"),
                base_rev=body.get("base_rev"),
            )
        )

    return api
