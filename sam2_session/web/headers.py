"""Adds security headers to every response, also to those of Socket.IO."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sam2_session.web.origins import is_loopback_host

NOBODY = "'none'"


def page_policy(server: str | None = None, embed_origins: Sequence[str] = ()) -> str:
    """Write the page's Content-Security-Policy.

    `server` is another origin it may connect to; `embed_origins` may show it in a frame.
    """
    other_server = f" {server} {server.replace('http', 'ws', 1)}" if server else ""
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            f"connect-src 'self'{other_server}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {' '.join(embed_origins) or NOBODY}",
            "require-trusted-types-for 'script'",
        ]
    )


DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"  # data never runs as a page

# reports carry their style and pictures in themselves, and no script
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'none'; sandbox allow-popups"
)

COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def add_security_headers(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Callable[..., Any]:
    """Wrap `start_response` to add the security headers that a response does not set itself."""
    defaults = _defaults(environ)

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        given = {name.lower() for name, _ in headers}
        added = [(name, value) for name, value in defaults.items() if name.lower() not in given]
        return start_response(status, [*headers, *added], *rest)

    return start


def _defaults(environ: dict[str, Any]) -> dict[str, str]:
    is_data = environ.get("PATH_INFO", "").startswith("/api/")
    policy = DATA_POLICY if is_data else page_policy()
    defaults = {**COMMON, "Content-Security-Policy": policy, "Cache-Control": "no-store"}
    if environ["wsgi.url_scheme"] == "https" or is_loopback_host(environ.get("HTTP_HOST", "")):
        # on other origins browsers ignore it and write a warning to the console
        defaults["Cross-Origin-Opener-Policy"] = "same-origin"
    return defaults
