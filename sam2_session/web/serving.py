"""The HTTP server of each async mode, bounded and quiet."""

from __future__ import annotations

import logging
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from sam2_session.runtime import BoundedSemaphore, Socket, serve_green
from sam2_session.web.websocket import MAX_CLIENTS

MAX_CONNECTIONS = MAX_CLIENTS + 64  # websockets, and room for plain requests beside them
TIMEOUT_S = 30.0  # of one read or write, so that slow headers hold nothing for long

logger = logging.getLogger(__name__)


class QuietHandler(WSGIRequestHandler):
    """One connection; no access log."""

    timeout = TIMEOUT_S

    def log_request(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the page polls nobody, but clicks a lot."""

    def log(self, type: str, message: str, *args: Any) -> None:
        logger.debug(message, *args)

    def version_string(self) -> str:
        return "sam2-session"


class BoundedServer(ThreadedWSGIServer):
    """A thread per connection, and no more than `MAX_CONNECTIONS` of them."""

    _slots = BoundedSemaphore(MAX_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def log(self, type: str, message: str, *args: Any) -> None:
        logger.error(message, *args)


def serve(app: Any, listener: Socket, async_mode: str) -> None:
    """Serve until the process ends."""
    if async_mode == "eventlet":
        serve_green(listener, app, max_connections=MAX_CONNECTIONS, timeout_s=TIMEOUT_S)
        return
    host, port = listener.getsockname()[:2]
    with BoundedServer(host, port, app, QuietHandler, fd=listener.fileno()) as server:
        server.serve_forever()
