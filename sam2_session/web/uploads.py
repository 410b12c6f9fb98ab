"""Receives an upload: streams its part ``file`` to disk, and reads its text fields."""

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

StartUpload = Callable[[str], Any]  # takes the file's name, gives {upload_id, path, max_bytes}


class Upload:
    """Writes one file to the path that the services chose."""

    def __init__(self, host: Host, start: StartUpload, max_bytes: int) -> None:
        self._host = host
        self._start = start
        self._max_bytes = max_bytes
        self._bytes = 0
        self._upload_id: str | None = None
        self._file: BinaryIO | None = None

    def begin(self, name: str) -> None:
        """Start the file at a path that the services choose. Raises InvalidRequest for a second."""
        if self._upload_id is not None:
            raise InvalidRequest(
                "The form holds more than one file.", hint="Send one file at a time."
            )
        target = self._start(name)
        self._upload_id = target["upload_id"]
        self._max_bytes = min(self._max_bytes, target["max_bytes"])
        with _disk_errors():
            self._file = Path(target["path"]).open("wb")  # noqa: SIM115 - finish or abort closes it

    def write(self, data: bytes) -> None:
        """Append bytes. Raises TooLarge, or StorageFailed if the disk cannot take them."""
        self._bytes += len(data)
        if self._bytes > self._max_bytes:
            raise TooLarge(
                f"The file is larger than {self._max_bytes} bytes.", hint="Upload a smaller file."
            )
        if self._file is not None:
            with _disk_errors():
                run_blocking(self._file.write, data)

    def finish(self) -> str:
        """Close the file and return the upload's id. Raises InvalidRequest if there is none."""
        if self._file is None or self._upload_id is None:
            raise InvalidRequest(
                "The form has no part named 'file'.", hint="Send the file as 'file'."
            )
        with _disk_errors():
            run_blocking(self._file.close)
        return self._upload_id

    def abort(self) -> None:
        """Delete everything that was written."""
        if self._file is not None:
            self._file.close()
        if self._upload_id is not None:
            try:
                self._host.call("abort_upload", file_id=self._upload_id)
            except HostUnavailable:
                return  # the next session process removes unfinished uploads when it starts


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageFailed(
            f"The upload cannot be stored: {error.strerror}.", hint="Free some space on the disk."
        ) from error


@dataclass(slots=True)
class Form:
    """A received form: the id of its uploaded file, and its text fields."""

    upload_id: str
    fields: dict[str, str] = field(default_factory=dict)


@contextmanager
def receive_form(
    host: Host, request: Request, start: StartUpload, max_bytes: int
) -> Iterator[Form]:
    """Stream a multipart form to disk; an exception in the `with` block deletes the file."""
    decoder = MultipartDecoder(_boundary(request), MAX_BUFFER_BYTES, max_parts=MAX_PARTS)
    length = request.content_length
    if length is None:
        raise LengthRequired("An upload needs Content-Length.")
    if length > max_bytes + FORM_OVERHEAD_BYTES:
        raise TooLarge(f"The file is larger than {max_bytes} bytes.", hint="Upload a smaller file.")
    upload, texts = Upload(host, start, max_bytes), _TextFields()
    with ExitStack() as undo:
        undo.callback(upload.abort)
        _read_parts(decoder, request, upload, texts)
        yield Form(upload.finish(), texts.read())
        undo.pop_all()


class _TextFields:
    """Collects the text fields of a form, up to a limit for all of them together."""

    def __init__(self) -> None:
        self._raw: dict[str, bytearray] = {}
        self._current: bytearray | None = None

    def begin(self, name: str | None) -> None:
        """Write the bytes that follow to this field; None drops them."""
        self._current = None if name is None else self._raw.setdefault(name, bytearray())

    def write(self, data: bytes) -> None:
        """Append bytes to the current field. Raises TooLarge."""
        if self._current is None:
            return
        self._current += data
        if sum(map(len, self._raw.values())) > MAX_FIELD_BYTES:
            raise TooLarge(f"The form's text fields are larger than {MAX_FIELD_BYTES} bytes.")

    def read(self) -> dict[str, str]:
        """Decode all fields. Raises InvalidRequest."""
        try:
            return {name: raw.decode() for name, raw in self._raw.items()}
        except UnicodeDecodeError as error:
            raise InvalidRequest("A text field of the form is not valid UTF-8.") from error


def _boundary(request: Request) -> bytes:
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise InvalidRequest(
            "An upload must be multipart/form-data.", hint="Try curl -F file=@clip.mp4."
        )
    return boundary.encode("latin-1", "replace")


def _read_parts(
    decoder: MultipartDecoder, request: Request, upload: Upload, texts: _TextFields
) -> None:
    """Read all parts of the form. Raises ClientDisconnected if the connection is cut."""
    in_file = False  # the current part is the file
    while True:
        event = _next_event(decoder)
        match event:
            case NeedData():
                decoder.receive_data(request.stream.read(CHUNK_BYTES) or None)
            case File(name="file", filename=filename):
                upload.begin(filename)
                in_file = True
            case File():
                in_file = False
                texts.begin(None)
            case Field(name=name):
                in_file = False
                texts.begin(name)
            case Data(data=data) if in_file:
                upload.write(data)
            case Data(data=data):
                texts.write(data)
            case Epilogue():
                return


def _next_event(decoder: MultipartDecoder) -> Any:
    try:
        return decoder.next_event()
    except ValueError as error:
        raise InvalidRequest(f"The form cannot be read: {error}.") from error
