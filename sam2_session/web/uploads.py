"""Uploads: the part named ``file`` goes straight to disk; small text fields come along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from flask import Request
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from sam2_session.core.errors import HostUnavailable, InvalidRequest, StorageFailed, TooLarge
from sam2_session.hosts.base import Host
from sam2_session.runtime import run_blocking
from sam2_session.web.errors import LengthRequired

CHUNK_BYTES = 256 * 1024
MAX_PARTS = 100
MAX_BUFFER_BYTES = 4 * CHUNK_BYTES
FORM_OVERHEAD_BYTES = 512 * 1024  # boundaries and text fields around the file
MAX_FIELD_BYTES = 256 * 1024

Start = Callable[[str], Any]  # from the file's name to {upload_id, path, max_bytes}


class Upload:
    """One file on its way to the path that the services gave."""

    def __init__(self, host: Host, start: Start, max_bytes: int) -> None:
        self._host = host
        self._start = start
        self._max_bytes = max_bytes
        self._bytes = 0
        self._upload_id: str | None = None
        self._file: BinaryIO | None = None

    def begin(self, name: str) -> None:
        """Ask the services for a place; the last part named ``file`` may come only once."""
        if self._upload_id is not None:
            raise InvalidRequest("Send one file at a time.")
        place = self._start(name)
        self._upload_id = place["upload_id"]
        self._max_bytes = min(self._max_bytes, place["max_bytes"])
        with _storing():
            self._file = Path(place["path"]).open("wb")  # noqa: SIM115 - finish or abort closes it

    def write(self, data: bytes) -> None:
        """The next bytes. Raises TooLarge, or StorageFailed when the disk refuses."""
        self._bytes += len(data)
        if self._bytes > self._max_bytes:
            raise TooLarge(f"The file is over {self._max_bytes} bytes.", hint="Upload a part.")
        if self._file is not None:
            with _storing():
                run_blocking(self._file.write, data)

    def finish(self) -> str:
        """All bytes are there; answers the upload's id."""
        if self._file is None or self._upload_id is None:
            raise InvalidRequest("No part named 'file'.", hint="Send the file as 'file'.")
        with _storing():
            run_blocking(self._file.close)
        return self._upload_id

    def abort(self) -> None:
        """Leave nothing behind."""
        if self._file is not None:
            self._file.close()
        if self._upload_id is not None:
            try:
                self._host.call("abort_upload", file_id=self._upload_id)
            except HostUnavailable:
                return  # start-up sweeps what a dead session process left


@contextmanager
def _storing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageFailed(
            f"The upload cannot be stored: {error.strerror}.", hint="Make room on the disk."
        ) from error


@dataclass(slots=True)
class Form:
    """What came in: where the file lies, and the text fields before or behind it."""

    upload_id: str
    fields: dict[str, str] = field(default_factory=dict)


@contextmanager
def received(host: Host, request: Request, start: Start, max_bytes: int) -> Iterator[Form]:
    """Stream a multipart request to disk; what raises within forgets the file."""
    decoder = MultipartDecoder(_boundary(request), MAX_BUFFER_BYTES, max_parts=MAX_PARTS)
    length = request.content_length
    if length is None:
        raise LengthRequired("An upload needs Content-Length.")
    if length > max_bytes + FORM_OVERHEAD_BYTES:
        raise TooLarge(f"The file is over {max_bytes} bytes.", hint="Upload a part of it.")
    upload, texts = Upload(host, start, max_bytes), _Fields()
    with ExitStack() as undo:
        undo.callback(upload.abort)
        _pump(decoder, request, upload, texts)
        yield Form(upload.finish(), texts.read())
        undo.pop_all()


class _Fields:
    """The text fields of a form, each within its limit."""

    def __init__(self) -> None:
        self._raw: dict[str, bytearray] = {}
        self._current: bytearray | None = None

    def begin(self, name: str | None) -> None:
        """The next data belongs to this field; None: to none."""
        self._current = None if name is None else self._raw.setdefault(name, bytearray())

    def write(self, data: bytes) -> None:
        """The next bytes."""
        if self._current is None:
            return
        self._current += data
        if sum(map(len, self._raw.values())) > MAX_FIELD_BYTES:
            raise TooLarge(f"The form's fields are over {MAX_FIELD_BYTES} bytes.")

    def read(self) -> dict[str, str]:
        """All of them."""
        try:
            return {name: raw.decode() for name, raw in self._raw.items()}
        except UnicodeDecodeError as error:
            raise InvalidRequest("A field of the form is no UTF-8.") from error


def _boundary(request: Request) -> bytes:
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise InvalidRequest(
            "An upload is multipart/form-data.", hint="curl -F file=@clip.mp4 does it."
        )
    return boundary.encode("latin-1", "replace")


def _pump(decoder: MultipartDecoder, request: Request, upload: Upload, texts: _Fields) -> None:
    """Feed the decoder until the form ends; a cut connection raises ClientDisconnected."""
    wanted = False  # whether the part being read is the file
    while True:
        event = _next_event(decoder)
        match event:
            case NeedData():
                decoder.receive_data(request.stream.read(CHUNK_BYTES) or None)
            case File(name="file", filename=filename):
                upload.begin(filename)
                wanted = True
            case File():
                wanted = False
                texts.begin(None)
            case Field(name=name):
                wanted = False
                texts.begin(name)
            case Data(data=data) if wanted:
                upload.write(data)
            case Data(data=data):
                texts.write(data)
            case Epilogue():
                return


def _next_event(decoder: MultipartDecoder) -> Any:
    try:
        return decoder.next_event()
    except ValueError as error:
        raise InvalidRequest(f"The form is broken: {error}.") from error
