"""Runs the HTTP server of either async mode, with limits and without an access log."""

from __future__ import annotations

import logging
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from sam2_session.runtime import Socket, serve_green
from sam2_session.web.connection import KEY
from sam2_session.web.doorway import MAX_STRANGERS, Doorway, DoorwayListener
from sam2_session.web.tls import Certificate, TlsPeer

PLAIN_CONNECTIONS = 64  # of members, beside those of websockets
MAX_ENDING = 64  # connections that lost their slot, and whose threads are about to notice
TIMEOUT_S = 30.0  # for one read or write, so that a slow client holds no thread for long

logger = logging.getLogger(__name__)


class QuietHandler(WSGIRequestHandler):
    """Handles one connection; writes no access log."""

    timeout = TIMEOUT_S

    def make_environ(self) -> Any:
        environ = super().make_environ()
        environ["wsgi.url_scheme"] = self.server.scheme  # type: ignore[attr-defined]
        environ[KEY] = self.connection
        return environ

    def log_request(self, *args: Any, **kwargs: Any) -> None:
        """Log nothing: clicks and frames would fill the log."""

    def log(self, type: str, message: str, *args: Any) -> None:
        logger.debug(message, *args)

    def version_string(self) -> str:
        return "sam2-session"


class DoorwayServer(ThreadedWSGIServer):
    """Serves each connection of a listener in a thread; the doorway bounds their number."""

    scheme = "http"

    def log(self, type: str, message: str, *args: Any) -> None:
        logger.error(message, *args)


def serve(
    app: Any,
    listener: Socket,
    async_mode: str,
    *,
    max_clients: int,
    certificate: Certificate | None = None,
) -> None:
    """Serve until the process ends: so many websockets, and some plain requests beside them.

    With TLS if there is a certificate.
    """
    max_members = max_clients + PLAIN_CONNECTIONS
    doorway = Doorway(max_members=max_members)
    wrap = None if certificate is None else lambda peer: TlsPeer(peer, certificate)
    scheme = "https" if certificate else "http"
    if async_mode == "eventlet":
        serve_green(
            DoorwayListener(listener, doorway, wrap),
            app,
            connection_key=KEY,
            scheme=scheme,
            max_connections=max_members + MAX_STRANGERS + MAX_ENDING,
            timeout_s=TIMEOUT_S,
        )
        return
    host, port = listener.getsockname()[:2]
    with DoorwayServer(host, port, app, QuietHandler, fd=listener.fileno()) as server:
        server.scheme = scheme
        server.socket = DoorwayListener(server.socket, doorway, wrap)  # type: ignore[assignment]
        server.serve_forever()
