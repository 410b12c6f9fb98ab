"""Turns every error into one JSON shape, for HTTP responses and acknowledgements alike."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from sam2_session.core.errors import ServerBusy, SessionError, error_fields

logger = logging.getLogger(__name__)

HINTS = {
    HTTPStatus.NOT_FOUND: "GET /api/openapi.json lists every path.",
    HTTPStatus.METHOD_NOT_ALLOWED: "GET /api/openapi.json lists the methods of every path.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Send less at once.",
}


class Misdirected(SessionError):
    """The Host header holds a name that this server is not known by."""

    code, status = "misdirected_request", 421


class TooManyAttempts(SessionError):
    """Too many wrong tokens from one address."""

    code, status = "too_many_attempts", 429


class LengthRequired(SessionError):
    """A request has a body without Content-Length."""

    code, status = "length_required", 411


RETRY_AFTER_S = {TooManyAttempts.code: "60", ServerBusy.code: "10"}


def error_body(error: BaseException) -> bytes:
    """Encode an error as ``{"error": {code, message, hint}}``."""
    return orjson.dumps({"error": _error_object(error)})


def error_response(error: BaseException) -> Response:
    """Build the HTTP response for any exception."""
    status = error_fields(error)["status"]
    return Response(
        error_body(error), status, headers=waiting_time(error), mimetype="application/json"
    )


def waiting_time(error: BaseException) -> dict[str, str]:
    """Return the header that says in how many seconds to try again, where an error knows it."""
    code = getattr(error, "code", "")
    return {"Retry-After": RETRY_AFTER_S[code]} if code in RETRY_AFTER_S else {}


def rejection(data: Any, error: BaseException) -> dict[str, Any]:
    """Build the acknowledgement of a client event that was not applied."""
    seq = data.get("seq") if isinstance(data, dict) else None
    if not isinstance(error, SessionError):
        logger.error("a socket event failed", exc_info=error)
    return {"seq": seq, "rev": None, "status": "rejected", "error": _error_object(error)}


def rejecting(handler: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Make a handler of client events, of a sid and their data, reject what it cannot handle."""

    def handle(sid: str, *args: Any) -> dict[str, Any]:
        try:
            return handler(sid, *args)
        except Exception as error:  # noqa: BLE001 - the error becomes the acknowledgement
            return rejection(args[-1] if args else None, error)

    return handle


def install_error_handlers(app: Flask) -> None:
    """Make Flask answer every exception of a view with this module's JSON."""
    app.register_error_handler(SessionError, error_response)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    if 300 <= status < 400:
        return Response(status=status, headers=error.get_response().headers)
    named = SessionError(_sentence(error, status), hint=HINTS.get(status, ""))
    named.code, named.status = status.name.lower(), int(status)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        named.code = "too_large"
    response = error_response(named)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = error.get_response().headers.get("Allow", "")
    return response


def _unexpected(error: Exception) -> Response:
    logger.error("a request failed", exc_info=error)
    return error_response(error)


def _sentence(error: HTTPException, status: HTTPStatus) -> str:
    text = error.description or status.phrase
    return text if text.endswith(".") else f"{text}."


def _error_object(error: BaseException) -> dict[str, str]:
    fields = error_fields(error)
    return {name: fields[name] for name in ("code", "message", "hint")}
