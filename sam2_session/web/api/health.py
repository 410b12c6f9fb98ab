"""Routes for monitoring: whether the server lives, whether it is ready, and its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Response

from sam2_session.hosts.base import Host
from sam2_session.services.operations.operation import Access
from sam2_session.web.routes import declare


def health_api(host: Host, use: Callable[[], dict[str, int]]) -> Blueprint:
    """Make the routes GET /healthz, /readyz and /metrics."""
    api = Blueprint("health", __name__)

    @api.get("/healthz")
    @declare("The web process answers", access=Access.PUBLIC, answer="text/plain")
    def healthz() -> Response:
        return _plain("ok")

    @api.get("/readyz")
    @declare("The session process answers, too", answer="text/plain")
    def readyz() -> Response:
        state = host.health().state
        return _plain(state, 200 if state == "ready" else 503)

    @api.get("/metrics")
    @declare("Figures of the server, one on each line", answer="text/plain")
    def metrics() -> Response:
        figures = {
            **use(),
            "host_restarts": host.health().restarts,
            **dict(_figures("", host.call("server_status"))),
        }
        return _plain("\n".join(f"sam2_session_{name} {value}" for name, value in figures.items()))

    return api


def _plain(text: str, status: int = 200) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain")


def _figures(prefix: str, value: Any) -> Iterator[tuple[str, float]]:
    """Yield every number in a nested value, named by its path; a list gives its length."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _figures(f"{prefix}_{name}" if prefix else name, item)
    elif isinstance(value, list):
        yield prefix, len(value)
    elif isinstance(value, int | float):
        yield prefix, float(value) if isinstance(value, float) else int(value)
