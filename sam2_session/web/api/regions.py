"""Regions: list, add, relabel, delete."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sam2_session.hosts.base import Host
from sam2_session.web.routes import operation
from sam2_session.web.strict_json import json_answer, json_object


def regions_api(host: Host) -> Blueprint:
    """Routes below /api/regions."""
    api = Blueprint("regions", __name__, url_prefix="/api/regions")

    @api.get("")
    @operation("The regions every instance has", answer="Regions")
    def list_regions() -> Response:
        return json_answer(host.call("list_regions"))

    @api.post("")
    @operation("Add a region", body="RegionLabel", answer="Region", status=201)
    def add_region() -> Response:
        return json_answer(host.call("add_region", label=json_object(request).get("label")), 201)

    @api.patch("/<region>")
    @operation(
        "Call a region something else, files keep its name; or bring it back",
        body="RegionChanges",
        answer="Region",
    )
    def update_region(region: str) -> Response:
        body = json_object(request)
        changes = {field: body.get(field) for field in ("label", "deleted")}
        return json_answer(host.call("update_region", name=region, **changes))

    @api.delete("/<region>")
    @operation("Delete a region that no video uses; it can be brought back")
    def delete_region(region: str) -> Response:
        return json_answer(host.call("delete_region", name=region))

    return api
