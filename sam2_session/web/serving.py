"""Runs the HTTP server of either async mode, with limits and without an access log."""

from __future__ import annotations

import logging
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from sam2_session.runtime import BoundedSemaphore, Socket, serve_green

PLAIN_CONNECTIONS = 64  # beside those of websockets
TIMEOUT_S = 30.0  # for one read or write, so that a slow client holds no thread for long

logger = logging.getLogger(__name__)


class QuietHandler(WSGIRequestHandler):
    """Handles one connection; writes no access log."""

    timeout = TIMEOUT_S

    def log_request(self, *args: Any, **kwargs: Any) -> None:
        """Log nothing: clicks and frames would fill the log."""

    def log(self, type: str, message: str, *args: Any) -> None:
        logger.debug(message, *args)

    def version_string(self) -> str:
        return "sam2-session"


class BoundedServer(ThreadedWSGIServer):
    """Serves each connection in a thread, and at most as many at a time as it has `slots`."""

    slots: BoundedSemaphore

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self.slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.slots.release()

    def log(self, type: str, message: str, *args: Any) -> None:
        logger.error(message, *args)


def serve(app: Any, listener: Socket, async_mode: str, max_clients: int) -> None:
    """Serve until the process ends: so many websockets, and some plain requests beside them."""
    max_connections = max_clients + PLAIN_CONNECTIONS
    if async_mode == "eventlet":
        serve_green(listener, app, max_connections=max_connections, timeout_s=TIMEOUT_S)
        return
    host, port = listener.getsockname()[:2]
    with BoundedServer(host, port, app, QuietHandler, fd=listener.fileno()) as server:
        server.slots = BoundedSemaphore(max_connections)
        server.serve_forever()
