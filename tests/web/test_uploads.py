"""Uploads stream to disk, within their limit, and leave nothing behind when they fail."""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.live import PATIENCE_S, Answer, LiveServer, running_server

LIMIT_BYTES = 64 * 1024 * 1024


@pytest.fixture(scope="module")
def limited(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("uploads")
    with running_server(folder, "--async-mode", mode, "--max-upload-bytes", "64MiB") as live:
        yield live


def form(data: bytes, name: str = "file", filename: str = "clip.mp4") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
    field = b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
    return field + f"--b\r\n{head}\r\n\r\n".encode() + data + b"\r\n--b--\r\n"


def send(server: LiveServer, body: bytes, kind: str = "multipart/form-data; boundary=b") -> Answer:
    return server.request("POST", "/api/videos", body, Content_Type=kind)


@pytest.mark.parametrize("size", [0, 1, 100_000, 5_000_001])
def test_a_file_arrives_byte_for_byte(limited: LiveServer, size: int) -> None:
    data = (b"\r\n--b-\r\n\x00" * (size // 9 + 1))[:size]

    answer = send(limited, form(data))

    assert answer.status == 201
    assert answer.json == {"video_id": "upload-1", "bytes": size, "crc": zlib.crc32(data)}


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (form(b"x", name="other"), "multipart/form-data; boundary=b", 400, "invalid_request"),
        (form(b"x", filename="clip.exe"), "multipart/form-data; boundary=b", 400, "error"),
        (form(b"x"), "multipart/form-data", 400, "invalid_request"),
        (form(b"x"), "application/json", 400, "invalid_request"),
        (b"no form at all", "multipart/form-data; boundary=b", 400, "invalid_request"),
        (form(b"x")[:-6], "multipart/form-data; boundary=b", 400, "invalid_request"),
        (form(b"x") * 2, "multipart/form-data; boundary=b", 201, ""),
        (b"", "multipart/form-data; boundary=b", 400, "invalid_request"),
        (b"--b\r\nX: y\r\n\r\n", "multipart/form-data; boundary=b", 400, "invalid_request"),
    ],
)
def test_what_is_no_sound_form_is_refused(
    limited: LiveServer, body: bytes, kind: str, status: int, code: str
) -> None:
    answer = send(limited, body, kind)

    assert answer.status == status
    assert code in answer.body.decode()


def test_a_second_file_in_one_form_is_refused_and_nothing_is_left(limited: LiveServer) -> None:
    one = form(b"x")[: -len(b"--b--\r\n")]

    answer = send(limited, one + form(b"y"))

    assert answer.status == 400
    assert not (limited.log.parent / "upload-1").exists()


def test_a_file_over_the_limit_is_refused_before_it_is_sent(limited: LiveServer) -> None:
    head = (
        "POST /api/videos HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000000\r\n\r\n"
    )

    answer = limited.raw(head.encode(), until=b"too_large")

    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"too_large"' in answer


def test_a_cut_upload_leaves_nothing_behind(limited: LiveServer) -> None:
    stored = limited.log.parent / "upload-1"
    head = (
        "POST /api/videos HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n"
    )
    with socket.create_connection(limited.address) as peer:
        peer.sendall(head.encode() + form(b"x" * 1_000_000)[:900_000])
        wait_until(stored, there=True)

    wait_until(stored, there=False)


def test_an_upload_takes_little_memory_and_holds_up_nobody(limited: LiveServer) -> None:
    before_kib = peak_kib(limited)
    body = form(b"\x00" * (60 * 1024 * 1024))

    assert send(limited, body).json["bytes"] == 60 * 1024 * 1024

    assert peak_kib(limited) - before_kib < 24 * 1024


def peak_kib(server: LiveServer) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def wait_until(path: Path, *, there: bool) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while path.exists() is not there:
        assert time.monotonic() < until_s, path
        time.sleep(0.01)
