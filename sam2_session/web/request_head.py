"""Checks the head of a request before the HTTP server of either mode parses it.

The two servers read odd heads in two ways, and a proxy in a third: what is not plain is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sam2_session.core.errors import InvalidRequest, SessionError
from sam2_session.web.errors import HeadTooLarge, LengthRequired, VersionNotSupported

MAX_HEAD_BYTES = 32 * 1024
MAX_LINE_BYTES = 8000  # both servers read lines of at least this length
MAX_HEADERS = 100
END = re.compile(rb"\r?\n\r?\n")
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([\x21-\x7e\x80-\xff]+) HTTP/([0-9.]{1,20})")
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
LENGTH = re.compile(rb"[0-9]{1,15}")
VERSIONS = (b"1.0", b"1.1")
ONLY_ONCE = (  # the first or the last would count, or both, joined
    b"authorization",
    b"content-length",
    b"content-type",
    b"host",
    b"origin",
    b"sec-websocket-key",
    b"transfer-encoding",
)


@dataclass(frozen=True, slots=True)
class RequestHead:
    """The lines of a head, with their ends, and the length of the body that follows."""

    lines: tuple[bytes, ...]
    body_bytes: int


def read_head(head: bytes) -> RequestHead:
    """Check a head with its empty line. Raises InvalidRequest and other `SessionError`s."""
    if len(head) > MAX_HEAD_BYTES:
        raise too_large()
    lines = head.split(b"\r\n")
    if lines[-2:] != [b"", b""]:
        raise InvalidRequest("The head of the request has lines that do not end in CR LF.")
    if max(map(len, lines)) > MAX_LINE_BYTES:
        raise HeadTooLarge(f"A line of the request's head is longer than {MAX_LINE_BYTES} bytes.")
    _check_request_line(lines[0])
    fields = [_field(line) for line in lines[1:-2]]
    if len(fields) > MAX_HEADERS:
        raise HeadTooLarge(f"The request has more than {MAX_HEADERS} headers.")
    names = [name for name, _ in fields]
    for name in ONLY_ONCE:
        if names.count(name) > 1:
            raise InvalidRequest(f"The request has more than one {name.decode()} header.")
    return RequestHead(tuple(line + b"\r\n" for line in lines[:-1]), _body_bytes(dict(fields)))


def too_large() -> SessionError:
    """Make the error of a head that is larger than it may be."""
    return HeadTooLarge(f"The head of the request is larger than {MAX_HEAD_BYTES} bytes.")


def _check_request_line(line: bytes) -> None:
    found = REQUEST_LINE.fullmatch(line)
    if found is None:
        raise InvalidRequest(
            "The first line is no HTTP request.", hint="It must be like: GET /api/videos HTTP/1.1"
        )
    if found[3] not in VERSIONS:
        raise VersionNotSupported("This server speaks HTTP/1.1 and HTTP/1.0.")
    if not found[2].startswith(b"/") or b"#" in found[2]:
        raise InvalidRequest(
            "The address in the first line must be a path.", hint="Like /api/videos, without a #."
        )


def _field(line: bytes) -> tuple[bytes, bytes]:
    found = FIELD.fullmatch(line)
    if found is None:
        raise InvalidRequest(
            "A header of the request is not valid.",
            hint="A header is a name, a colon right behind it, and a value, in one line.",
        )
    return found[1].lower(), found[2].strip(b" \t")


def _body_bytes(fields: dict[bytes, bytes]) -> int:
    if b"transfer-encoding" in fields:
        raise LengthRequired(
            "A body needs Content-Length.", hint="Do not send it with chunked encoding."
        )
    length = fields.get(b"content-length", b"0")
    if not LENGTH.fullmatch(length):
        raise InvalidRequest("Content-Length must be a whole number.")
    return int(length)
