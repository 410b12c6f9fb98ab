"""Imports: look into a file, import it, list, take back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from sam2_session.core.errors import InvalidRequest
from sam2_session.hosts.base import Host
from sam2_session.web.arguments import integer_argument
from sam2_session.web.routes import operation
from sam2_session.web.strict_json import StrictJson, json_answer, json_object
from sam2_session.web.uploads import received


def imports_api(host: Host, max_upload_bytes: int) -> Blueprint:
    """Routes below /api/videos/{v}/imports."""
    api = Blueprint("imports", __name__, url_prefix="/api/videos/<video_id>/imports")

    @api.get("")
    @operation("What was imported, and the mapping of its labels", answer="Imports")
    def list_imports(video_id: str) -> Response:
        return json_answer(host.call("list_imports", video_id=video_id))

    @api.post("")
    @operation(
        "Import the part `file` by the JSON in the part `options`, or `{file_id, options}` alone;"
        " with `dry_run=1` only report",
        body="multipart/form-data",
        answer="Import",
        status=202,
        query=("dry_run",),
    )
    def import_file(video_id: str) -> Response:
        dry_run = integer_argument(request, "dry_run", high=1) == 1
        asked = {"video_id": video_id, "dry_run": dry_run}
        if request.is_json:
            body = json_object(request)
            asked |= {"upload_id": body.get("file_id"), "options": body.get("options")}
            return _answer(host.call("import_file", **asked), dry_run)

        def start(name: str) -> Any:
            return host.call("start_import", video_id=video_id, name=name)

        with received(host, request, start, max_upload_bytes) as form:
            options = _options(form.fields.get("options", ""))
            answer = host.call("import_file", upload_id=form.upload_id, options=options, **asked)
        return _answer(answer, dry_run)

    @api.post("/<import_id>/undo")
    @operation("Take an import back, all at once", answer="ImportUndone")
    def undo_import(video_id: str, import_id: str) -> Response:
        return json_answer(host.call("undo_import", video_id=video_id, import_id=import_id))

    return api


def _answer(answer: Any, dry_run: bool) -> Response:
    return json_answer(answer, 200 if dry_run else 202)


def _options(text: str) -> Any:
    try:
        return StrictJson.loads(text) if text.strip() else None
    except ValueError as error:
        raise InvalidRequest(f"The part 'options' is no JSON: {error}.") from error
