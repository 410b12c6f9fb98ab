"""Reads JSON of clients: no NaN, no lone surrogates, limited size and depth."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Request, Response

from sam2_session.core.errors import InvalidRequest, TooLarge

MAX_BODY_BYTES = 1024 * 1024  # of JSON; uploads and masks have their own limits
MAX_DEPTH = 32


class StrictJson:
    """The JSON module for Socket.IO: orjson, limited to `MAX_DEPTH`."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes) -> Any:
        value = orjson.loads(text)
        if _is_deeper(value, MAX_DEPTH):
            raise orjson.JSONDecodeError(f"nested deeper than {MAX_DEPTH}", "", 0)
        return value


def json_answer(value: Any, status: int = 200) -> Response:
    """Build a JSON response, or 204 without a body if the value is None."""
    if value is None:
        return Response(status=204)
    return Response(orjson.dumps(value), status, mimetype="application/json")


def json_object(request: Request) -> dict[str, Any]:
    """Read the body as a JSON object; an empty body is an empty object. Raises InvalidRequest."""
    body = read_body(request, MAX_BODY_BYTES)
    if not body:
        return {}
    try:
        value = StrictJson.loads(body)
    except ValueError as error:
        raise InvalidRequest(
            f"The body is not valid JSON: {error}.", hint="Send one JSON object."
        ) from error
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.", hint='Like {"name": "tool"}.')
    return value


def read_body(request: Request, limit_bytes: int) -> bytes:
    """Read the raw body. Raises TooLarge, before reading, if it is longer than the limit."""
    if (request.content_length or 0) > limit_bytes:
        raise TooLarge(f"The body is larger than {limit_bytes} bytes.", hint="Send less at once.")
    return request.get_data()  # Flask keeps it, so that it can be read twice


def _is_deeper(value: Any, depth: int) -> bool:
    """Tell if containers nest more than `depth` deep; recurses no deeper than that itself."""
    if isinstance(value, dict):
        return depth == 0 or any(_is_deeper(item, depth - 1) for item in value.values())
    if isinstance(value, list):
        return depth == 0 or any(_is_deeper(item, depth - 1) for item in value)
    return False
