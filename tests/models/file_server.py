"""An HTTP server on loopback that sends one file, correctly or with faults."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE_BYTES = 16 * 1024


@dataclass
class Behaviour:
    """Faults of the server, and the Range header of every request."""

    data: bytes
    status: int = 200
    ranges: bool = True
    etag: str | None = '"v1"'
    cut_after: list[int] = field(default_factory=list)  # bytes until the line breaks, per request
    busy: int = 0  # so many requests are answered 503 first
    pause_s: float = 0.0
    hold_after: int | None = None  # bytes, after which it waits for `go_on`
    go_on: threading.Event = field(default_factory=threading.Event)
    seen: list[str | None] = field(default_factory=list)


@contextmanager
def serve(behaviour: Behaviour) -> Iterator[str]:
    """Serve on a free port; yields the file's URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, behaviour)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # closing waits for them: none leaks
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/model.pt"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(request: BaseHTTPRequestHandler, behaviour: Behaviour) -> None:
    asked = request.headers.get("Range")
    behaviour.seen.append(asked)
    if behaviour.busy:
        behaviour.busy -= 1
        return request.send_error(503)
    if behaviour.status != 200:
        return request.send_error(behaviour.status)
    start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
    if not behaviour.ranges or request.headers.get("If-Range", behaviour.etag) != behaviour.etag:
        start = 0
    if start and start >= len(behaviour.data):
        return request.send_error(416)
    _send_head(request, behaviour, start)
    return _send_body(request, behaviour, start)


def _send_head(request: BaseHTTPRequestHandler, behaviour: Behaviour, start: int) -> None:
    total = len(behaviour.data)
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
    if behaviour.etag:
        request.send_header("ETag", behaviour.etag)
    request.send_header("Content-Length", str(total - start))
    request.end_headers()


def _send_body(request: BaseHTTPRequestHandler, behaviour: Behaviour, start: int) -> None:
    end = len(behaviour.data)
    if behaviour.cut_after:
        end = min(end, start + behaviour.cut_after.pop(0))
    try:
        for at in range(start, end, PIECE_BYTES):
            if behaviour.hold_after is not None and at >= behaviour.hold_after:
                behaviour.go_on.wait()
            request.wfile.write(behaviour.data[at : min(at + PIECE_BYTES, end)])
            time.sleep(behaviour.pause_s)
    except (BrokenPipeError, ConnectionResetError):
        pass  # the client has gone
