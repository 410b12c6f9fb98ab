"""JSON as it comes from outside: no NaN, no lone surrogates, bounded size and depth."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Request, Response

from sam2_session.core.errors import InvalidRequest, TooLarge

MAX_BODY_BYTES = 1024 * 1024  # JSON only; uploads and masks have limits of their own
MAX_DEPTH = 32


class StrictJson:
    """The JSON module of Socket.IO: what orjson takes, within `MAX_DEPTH`."""

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
    """A JSON response; 204 without a body for an operation that returns nothing."""
    if value is None:
        return Response(status=204)
    return Response(orjson.dumps(value), status, mimetype="application/json")


def json_object(request: Request) -> dict[str, Any]:
    """The body, which must be one JSON object; an empty body is an empty object."""
    body = read_body(request, MAX_BODY_BYTES)
    if not body:
        return {}
    try:
        value = StrictJson.loads(body)
    except ValueError as error:
        raise InvalidRequest(f"The body is no JSON: {error}.", hint="Send one object.") from error
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.", hint='Like {"name": "tool"}.')
    return value


def read_body(request: Request, limit_bytes: int) -> bytes:
    """The raw body. Raises TooLarge before it is read."""
    if (request.content_length or 0) > limit_bytes:
        raise TooLarge(f"The body is over {limit_bytes} bytes.", hint="Send less at once.")
    return request.stream.read()


def _is_deeper(value: Any, depth: int) -> bool:
    """Whether containers nest more than `depth` deep; never recurses deeper than that itself."""
    if isinstance(value, dict):
        return depth == 0 or any(_is_deeper(item, depth - 1) for item in value.values())
    if isinstance(value, list):
        return depth == 0 or any(_is_deeper(item, depth - 1) for item in value)
    return False
