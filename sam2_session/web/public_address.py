"""Serves under a public URL: fits requests that a proxy passes on to its scheme and prefix.

The proxy may pass the prefix on or remove it, and may pass Host on or not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """The URL under which browsers reach the server through a proxy; empty without a proxy."""

    origin: str
    prefix: str

    @classmethod
    def of(cls, url: str) -> PublicAddress:
        """Split a URL that `options.parse_public_url` has checked."""
        parts = urlsplit(url)
        return cls(f"{parts.scheme}://{parts.netloc}" if url else "", parts.path)

    @property
    def host_name(self) -> str | None:
        """The name in the URL, without its port."""
        return urlsplit(self.origin).hostname

    def adopt(self, environ: dict[str, Any]) -> None:
        """Move the prefix from PATH_INFO to SCRIPT_NAME, and set the scheme that browsers use."""
        if not self.origin:
            return
        path = environ["PATH_INFO"]
        if self.prefix and (path + "/").startswith(self.prefix + "/"):
            environ["PATH_INFO"] = path[len(self.prefix) :]
        environ["SCRIPT_NAME"] = self.prefix
        if self._is_behind_proxy(environ):
            environ["wsgi.url_scheme"] = urlsplit(self.origin).scheme

    def _is_behind_proxy(self, environ: dict[str, Any]) -> bool:
        """Return whether this request names the public URL; others come straight to the server."""
        netloc = urlsplit(self.origin).netloc
        by_host = environ.get("HTTP_HOST", "").lower() in (netloc, self.host_name)
        return by_host or environ.get("HTTP_ORIGIN", "").lower() == self.origin


def redirect_to_root(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Send a browser from the bare prefix to the page, with its query."""
    query = environ.get("QUERY_STRING", "")
    location = f"{environ['SCRIPT_NAME']}/" + (f"?{query}" if query else "")
    start_response("308 Permanent Redirect", [("Location", location), ("Content-Length", "0")])
    return []
