"""Models: list and select."""

from __future__ import annotations

from flask import Blueprint, Response

from sam2_session.hosts.base import Host
from sam2_session.web.routes import operation
from sam2_session.web.strict_json import json_answer


def models_api(host: Host) -> Blueprint:
    """Routes below /api/models."""
    api = Blueprint("models", __name__, url_prefix="/api/models")

    @api.get("")
    @operation("The models that can be selected", answer="Models")
    def list_models() -> Response:
        return json_answer(host.call("list_models"))

    @api.post("/<name>/select")
    @operation("Use another model from now on", answer="Model")
    def select_model(name: str) -> Response:
        return json_answer(host.call("select_model", name=name))

    return api
