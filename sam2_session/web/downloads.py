"""Files to keep: sent piece by piece, from any byte on, without holding up anybody else."""

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


class FilePieces:
    """The bytes of an open file; reads happen beside the hub."""

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
        """Go on from there: a range was asked for."""
        return self._file.seek(offset)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


def send_file(request: Request, path: Path, *, name: str, etag: str) -> Response:
    """A file as an attachment; answers ranges and what the client has already."""
    try:
        file = run_blocking(_open, path)
    except OSError as error:
        raise NotFound(f"{name} is gone.", hint="List again, and ask for it anew.") from error
    size = os.fstat(file.fileno()).st_size
    kind = MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    answer = Response(FilePieces(file), mimetype=kind, direct_passthrough=True)
    answer.headers["Content-Length"] = str(size)
    answer.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(etag)
    answer.make_conditional(request, accept_ranges=True, complete_length=size)
    return answer


def _open(path: Path) -> BinaryIO:
    return path.open("rb")
