"""Serves every operation that has a REST route; services/operations/ declares them."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from msgspec import inspect
from werkzeug.http import dump_options_header

from sam2_session.core.errors import InvalidRequest
from sam2_session.hosts.base import Host
from sam2_session.services.operations.operation import (
    Body,
    Cache,
    Media,
    Operation,
    Route,
    StoredFile,
    Stream,
)
from sam2_session.services.operations.preconditions import CONDITIONAL_CALL, tag_of
from sam2_session.services.operations.table import OPERATIONS
from sam2_session.web.downloads import send_file
from sam2_session.web.headers import REPORT_POLICY
from sam2_session.web.idempotency import HEADER, KeptAnswers
from sam2_session.web.links import add_links
from sam2_session.web.paging import take_page
from sam2_session.web.query import read_query
from sam2_session.web.routes import declare
from sam2_session.web.streams import send_stream
from sam2_session.web.strict_json import StrictJson, json_answer, json_object, read_body
from sam2_session.web.upload_slots import UploadSlots
from sam2_session.web.uploads import receive_form

MAX_PNG_BYTES = 16 * 1024 * 1024  # enough for any 8-bit mask of 8192 x 8192 px
JSON = "application/json"
IMMUTABLE = "private, max-age=31536000, immutable"
REVALIDATE = "private, no-cache"
ONE_DAY = (
    "private, max-age=86400"  # frames never change, but a video may be deleted and uploaded anew
)

Params = dict[str, Any]
View = Callable[..., Response]


def add_operations(app: Flask, host: Host, uploads: UploadSlots) -> None:
    """Add a URL rule for each operation that has a route."""
    kept = KeptAnswers()
    for operation in OPERATIONS:
        if operation.route is not None:
            view = _view(operation, operation.route, host, uploads)
            if operation.route.method != "GET":
                view = _once(operation.route, kept, view)
            app.add_url_rule(
                rule_of(operation, operation.route),
                endpoint=operation.name,
                view_func=declare(operation.text, access=operation.access)(view),
                methods=[operation.route.method],
            )


def rule_of(operation: Operation[Any], route: Route) -> str:
    """Convert ``/a/{frame_idx}`` to Flask's ``/a/<index:frame_idx>``; integers are indices."""
    kinds = {field.encode_name: field.type for field in _fields_of(operation)}

    def converter(match: re.Match[str]) -> str:
        name = match[1]
        return f"<index:{name}>" if isinstance(kinds[name], inspect.IntType) else f"<{name}>"

    return re.sub(r"\{(\w+)\}", converter, route.path)


def _fields_of(operation: Operation[Any]) -> tuple[inspect.Field, ...]:
    described = inspect.type_info(operation.fields)
    return described.fields if isinstance(described, inspect.StructType) else ()


def _view(operation: Operation[Any], route: Route, host: Host, uploads: UploadSlots) -> View:
    def view(**path: Any) -> Response:
        params = {**read_query(request, operation), **path}
        if route.body is Body.FILE and not _sends_json():
            return _receive_file(operation, route, host, params, uploads)
        params = {**_read_body(route), **params}
        return _respond(operation, route, host, params, _call(operation, host, params))

    return view


def _once(route: Route, kept: KeptAnswers, view: View) -> View:
    """Make a view answer a repeated `Idempotency-Key` with its first answer."""

    def view_once(**path: Any) -> Response:
        if HEADER not in request.headers:
            return view(**path)
        is_upload = route.body is Body.FILE and not _sends_json()
        body = b"" if is_upload else read_body(request, MAX_PNG_BYTES)
        return kept.run(request, body, lambda: view(**path))

    return view_once


def _call(operation: Operation[Any], host: Host, params: Params) -> Any:
    """Run an operation; one that changes something only if the version of `If-Match` is there."""
    tags = request.if_match
    if not tags or request.method in ("GET", "HEAD"):
        return host.call(operation.name, **params)
    named = ["*"] if tags.star_tag else sorted(tags.as_set())
    return host.call(CONDITIONAL_CALL, operation=operation.name, params=params, tags=named)


def _read_body(route: Route) -> Params:
    if route.body is Body.PNG:
        return {route.raw_field: read_body(request, MAX_PNG_BYTES)}
    return {} if route.body is Body.NONE else json_object(request)


def _sends_json() -> bool:
    """Return whether the request names a file that was sent before, instead of sending a file."""
    return request.is_json


def _receive_file(
    operation: Operation[Any], route: Route, host: Host, params: Params, uploads: UploadSlots
) -> Response:
    """Stream the part `file` to disk, then call the operation with its `file_id`."""
    named = {name: params[name] for name in request.view_args or {}}

    def start(name: str) -> Any:
        return host.call(route.upload, name=name, **named)

    with (
        uploads.slot(),
        receive_form(host, request, start, uploads.max_bytes) as form,
    ):
        known = operation.field_names
        sent = {
            name: _parse_part(name, text) for name, text in form.fields.items() if name in known
        }
        params = {**sent, **params, "file_id": form.upload_id}
        answer = _call(operation, host, params)
    return _respond(operation, route, host, params, answer)


def _parse_part(name: str, text: str) -> Any:
    try:
        return StrictJson.loads(text) if text.strip() else None
    except ValueError as error:
        raise InvalidRequest(f"The part {name[:80]!r} is not valid JSON: {error}.") from error


def _respond(
    operation: Operation[Any], route: Route, host: Host, params: Params, answer: Any
) -> Response:
    match operation.answer:
        case Media():
            response = Response(answer["data"], mimetype=answer["content_type"])
            if "file_name" in answer:
                _name_page(response, answer["file_name"])
            return _with_cache(operation, route, response, answer)
        case StoredFile():
            name, etag = answer["file_name"], answer["etag"]
            return send_file(request, Path(answer["path"]), name=name, etag=etag)
        case Stream() as stream:
            return send_stream(host, stream, answer)
    if route.picture:
        return _picture_or_json(route, answer)
    if route.pages:
        answer = take_page(answer, route.pages, request.args)
    status = 200 if params.get("dry_run") else route.status
    response = json_answer(add_links(operation, params, answer, request.script_root), status)
    return _with_tag(operation, answer, response)


def _name_page(response: Response, file_name: str) -> None:
    """Let a browser show a page that was made of annotations, and name it when it is saved."""
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    named = dump_options_header("inline", {"filename": file_name})
    response.headers["Content-Disposition"] = named


def _with_tag(operation: Operation[Any], answer: Any, response: Response) -> Response:
    """Tag what was read by its content, and a changed frame by its revision."""
    if request.method in ("GET", "HEAD") and isinstance(answer, Mapping):
        response.set_etag(tag_of(operation, answer))
        response.make_conditional(request)
    elif "base_rev" in operation.field_names and isinstance(answer, Mapping) and "rev" in answer:
        response.set_etag(str(answer["rev"]))
    return response


def _picture_or_json(route: Route, answer: Params) -> Response:
    """Send the picture alone to who prefers it to JSON; else all of the answer."""
    png = answer[route.picture]
    if request.accept_mimetypes.best_match([JSON, Body.PNG]) == Body.PNG:
        response = Response(png, mimetype=Body.PNG)
    else:
        response = json_answer({**answer, route.picture: b64encode(png).decode()})
    response.vary.add("Accept")
    return response


def _with_cache(
    operation: Operation[Any], route: Route, response: Response, answer: Mapping[str, Any]
) -> Response:
    if route.cache is Cache.ONE_DAY:
        response.headers["Cache-Control"] = ONE_DAY
        response.set_etag(tag_of(operation, answer))
        response.make_conditional(request)
    if route.cache is Cache.BY_CONTENT:
        response.headers["Cache-Control"] = REVALIDATE
        response.set_etag(tag_of(operation, answer))
        response.make_conditional(request)
    if route.cache is Cache.BY_REVISION:
        named = request.args.get("rev") == str(answer["rev"])
        response.headers["Cache-Control"] = IMMUTABLE if named else REVALIDATE
        response.set_etag(f"{answer['rev']}")
        if request.method != "HEAD":
            response.make_conditional(request)
    return response
