"""Lets pages of other servers use this one: sends the CORS headers that their browsers need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
PREFLIGHT_S = 600  # a browser may remember a preflight's answer for this long


def allow_origin(origin: str, start_response: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `start_response` so that a page of this origin may read the response.

    Credentials are not allowed: a cookie of ours never counts for another server's page.
    """

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        added = [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", "ETag, Retry-After"),
        ]
        return start_response(status, [*headers, *added], *rest)

    return start


def vary_by_origin(start_response: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `start_response` so that caches keep the responses to different origins apart."""

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("Vary", "Origin")], *rest)

    return start


def is_preflight(environ: dict[str, Any]) -> bool:
    """Return whether this is a CORS preflight: a browser asks before it sends the real request."""
    names_method = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    return bool(environ["REQUEST_METHOD"] == "OPTIONS" and names_method)


def answer_preflight(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Answer a preflight: an allowed origin may use every method, on any path."""
    headers = [
        ("Access-Control-Allow-Methods", METHODS),
        ("Access-Control-Allow-Headers", REQUEST_HEADERS),
        ("Access-Control-Max-Age", str(PREFLIGHT_S)),
    ]
    if "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK" in environ:
        headers.append(("Access-Control-Allow-Private-Network", "true"))
    start_response("204 No Content", headers)
    return []
