"""Pages of other servers that may use this one: what their browsers must be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = "Authorization, Content-Type"
PREFLIGHT_S = 600  # for which a browser need not ask again


def answer_for(origin: str, start_response: Callable[..., Any]) -> Callable[..., Any]:
    """A `start_response` whose answers a page of this origin may read.

    Credentials are not allowed: a cookie of ours never counts for another server's page.
    """

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        added = [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", "Retry-After"),
        ]
        return start_response(status, [*headers, *added], *rest)

    return start


def varying(start_response: Callable[..., Any]) -> Callable[..., Any]:
    """A `start_response` that tells caches that answers differ by who asks."""

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("Vary", "Origin")], *rest)

    return start


def is_preflight(environ: dict[str, Any]) -> bool:
    """Whether a browser asks what it may send, before it sends it."""
    asks = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    return bool(environ["REQUEST_METHOD"] == "OPTIONS" and asks)


def answer_preflight(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """What a page of an allowed origin may send; nothing is looked up for it."""
    headers = [
        ("Access-Control-Allow-Methods", METHODS),
        ("Access-Control-Allow-Headers", REQUEST_HEADERS),
        ("Access-Control-Max-Age", str(PREFLIGHT_S)),
    ]
    if "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK" in environ:
        headers.append(("Access-Control-Allow-Private-Network", "true"))
    start_response("204 No Content", headers)
    return []
