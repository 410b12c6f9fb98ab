"""Exports: ask for one, list, download, delete."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, request

from sam2_session.hosts.base import Host
from sam2_session.web.downloads import send_file
from sam2_session.web.routes import operation
from sam2_session.web.strict_json import json_answer, json_object


def exports_api(host: Host) -> Blueprint:
    """GET /api/formats, and routes below /api/videos/{v}/exports."""
    api = Blueprint("exports", __name__, url_prefix="/api")

    @api.get("/formats")
    @operation("The formats that can be written, with their options, and read", answer="Formats")
    def list_formats() -> Response:
        return json_answer(host.call("list_formats"))

    @api.post("/videos/<video_id>/exports")
    @operation("Ask for an export", body="ExportOrder", answer="JobId", status=202)
    def start_export(video_id: str) -> Response:
        body = json_object(request)
        order = {"format": body.get("format"), "options": body.get("options")}
        return json_answer(host.call("start_export", video_id=video_id, **order), 202)

    @api.get("/videos/<video_id>/exports")
    @operation("Every export that is whole", answer="Exports")
    def list_exports(video_id: str) -> Response:
        return json_answer(host.call("list_exports", video_id=video_id))

    @api.get("/videos/<video_id>/exports/<export_id>")
    @operation("Download an export; ranges are answered", answer="application/octet-stream")
    def download_export(video_id: str, export_id: str) -> Response:
        found = host.call("find_export", video_id=video_id, export_id=export_id)
        etag, name = found["sha256"], found["file_name"]
        return send_file(request, Path(found["path"]), name=name, etag=etag)

    @api.get("/videos/<video_id>/exports/<export_id>/manifest.json")
    @operation("Where every mask of an export comes from", answer="application/json")
    def download_manifest(video_id: str, export_id: str) -> Response:
        found = host.call("find_export", video_id=video_id, export_id=export_id)
        etag, name = f"manifest-{found['sha256']}", f"{export_id}-manifest.json"
        return send_file(request, Path(found["manifest_path"]), name=name, etag=etag)

    @api.delete("/videos/<video_id>/exports/<export_id>")
    @operation("Delete an export")
    def delete_export(video_id: str, export_id: str) -> Response:
        return json_answer(host.call("delete_export", video_id=video_id, export_id=export_id))

    return api
