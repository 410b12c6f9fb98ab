"""Regions: list, add, relabel."""

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
        "Call a region something else; files keep its name", body="RegionLabel", answer="Region"
    )
    def update_region(region: str) -> Response:
        label = json_object(request).get("label")
        return json_answer(host.call("update_region", name=region, label=label))

    return api
