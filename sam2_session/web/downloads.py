"""Sends files as downloads, in chunks and by ranges, without blocking other requests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from flask import Request, Response
from werkzeug.http import dump_options_header

from sam2_session.core.errors import NotFound
from sam2_session.runtime import run_blocking

CHUNK_BYTES = 256 * 1024
MEDIA_TYPES = {
    ".zip": "application/zip",
    ".json": "application/json",
    ".xml": "application/xml",
    ".mp4": "video/mp4",
}


class FileChunks:
    """Iterates over the chunks of an open file; reads never block eventlet's loop."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        data = run_blocking(self._file.read, CHUNK_BYTES)
        if not data:
            raise StopIteration
        return data

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int) -> int:
        """Continue from `offset`; Werkzeug calls this for a range request."""
        return self._file.seek(offset)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


def send_file(request: Request, path: Path, *, name: str, etag: str) -> Response:
    """Send a file as an attachment; supports ranges and ETags. Raises NotFound."""
    try:
        file = run_blocking(_open, path)
    except OSError as error:
        raise NotFound(
            f"{name} is no longer on the disk.", hint="List the exports, or export again."
        ) from error
    size = os.fstat(file.fileno()).st_size
    media_type = MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    response = Response(FileChunks(file), mimetype=media_type, direct_passthrough=True)
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(etag)
    response.make_conditional(request, accept_ranges=True, complete_length=size)
    return response


def _open(path: Path) -> BinaryIO:
    return path.open("rb")
