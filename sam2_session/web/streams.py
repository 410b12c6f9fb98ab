"""Sends streams of the session process, which makes each piece when the client took the last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from flask import Response
from werkzeug.http import dump_options_header

from sam2_session.core.errors import HostUnavailable
from sam2_session.hosts.base import Host
from sam2_session.services.operations.operation import Stream


class StreamPieces:
    """Iterates over the pieces of a stream; `close` ends it, also before the first one."""

    def __init__(self, host: Host, stream_id: str) -> None:
        self._host = host
        self._stream_id = stream_id

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece: bytes = self._host.call("read_stream", stream_id=self._stream_id)["data"]
        if not piece:
            raise StopIteration
        return piece

    def close(self) -> None:
        """Tell the session process that nobody reads on."""
        with suppress(HostUnavailable):  # a new session process knows no streams
            self._host.call("close_stream", stream_id=self._stream_id)


def send_stream(host: Host, stream: Stream, opened: dict[str, Any]) -> Response:
    """Send a stream as a download; an error in its middle cuts the connection."""
    pieces = StreamPieces(host, opened["stream_id"])
    response = Response(pieces, mimetype=stream.content_type, direct_passthrough=True)
    named = dump_options_header("attachment", {"filename": opened["file_name"]})
    response.headers["Content-Disposition"] = named
    return response
