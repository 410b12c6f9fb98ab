"""Imports over the wire: the file and its options arrive as they were sent, and nothing stays."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.live import Answer, LiveServer, running_server

PATH = "/api/videos/clip/imports"
KIND = "multipart/form-data; boundary=b"


@pytest.fixture(scope="module")
def server(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("imports")
    with running_server(folder, "--async-mode", mode, "--max-upload-bytes", "1MiB") as live:
        yield live


def form(data: bytes, options: bytes | None = None, *, file_first: bool = False) -> bytes:
    head = b"--b\r\nContent-Disposition: form-data; name="
    parts = [head + b'"file"; filename="notes.json"\r\n\r\n' + data + b"\r\n"]
    if options is not None:
        parts.append(head + b'"options"\r\n\r\n' + options + b"\r\n")
    return b"".join(parts if file_first else parts[::-1]) + b"--b--\r\n"


def send(server: LiveServer, body: bytes, query: str = "") -> Answer:
    return server.request("POST", PATH + query, body, Content_Type=KIND)


@pytest.mark.parametrize("file_first", [False, True])
@pytest.mark.parametrize(("query", "status"), [("?dry_run=1", 200), ("", 202), ("?dry_run=0", 202)])
def test_file_and_options_arrive_in_any_order(
    server: LiveServer, query: str, status: int, file_first: bool
) -> None:
    data, options = b"\x00\r\n--x" * 1000, {"mapping": {"шланг": None}, "frame_offset": -1}
    answer = send(server, form(data, json.dumps(options).encode(), file_first=file_first), query)

    assert answer.status == status
    assert answer.json == {
        "options": options, "dry_run": status == 200, "crc": zlib.crc32(data), "name": "notes.json",
    }  # fmt: skip


def test_options_may_be_left_out(server: LiveServer) -> None:
    assert send(server, form(b"x")).json["options"] is None


@pytest.mark.parametrize(
    ("body", "query", "status", "code"),
    [
        (form(b"x", b"{"), "", 400, "invalid_request"),
        (form(b"x", b"NaN"), "", 400, "invalid_request"),
        (form(b"x", b"[" * 40 + b"]" * 40), "", 400, "invalid_request"),
        (form(b"x", b"\xff"), "", 400, "invalid_request"),
        (form(b"x", b"1" * 300_000), "", 413, "too_large"),
        (form(b"x" * 1_100_000), "", 413, "too_large"),
        (form(b"x"), "?dry_run=2", 400, "invalid_request"),
        (form(b"x")[:-9], "", 400, "invalid_request"),
        (b"", "", 400, "invalid_request"),
    ],
)
def test_what_cannot_be_read_is_refused_and_leaves_nothing(
    server: LiveServer, body: bytes, query: str, status: int, code: str
) -> None:
    answer = send(server, body, query)

    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert not (server.log.parent / "import-1").exists()


def test_a_file_that_was_kept_is_named_in_a_body_of_json(server: LiveServer) -> None:
    (server.log.parent / "import-1").write_bytes(b"abc")
    body = json.dumps({"file_id": "import-1", "options": {"task": 2}}).encode()

    answer = server.request("POST", f"{PATH}?dry_run=1", body, Content_Type="application/json")

    assert (answer.status, answer.json["crc"]) == (200, zlib.crc32(b"abc"))
    assert (answer.json["options"], answer.json["dry_run"]) == ({"task": 2}, True)


def test_an_error_of_the_services_forgets_the_file(server: LiveServer) -> None:
    answer = send(server, form(b"x", b'{"refuse": true}'))

    assert answer.status == 415
    assert not (server.log.parent / "import-1").exists()


@pytest.mark.parametrize(("method", "path", "params"), [
    ("GET", PATH, {"video_id": "clip"}),
    ("POST", f"{PATH}/abc/undo", {"video_id": "clip", "import_id": "abc"}),
])  # fmt: skip
def test_verbs_get_what_the_path_says(
    server: LiveServer, method: str, path: str, params: dict[str, Any]
) -> None:
    assert server.request(method, path).json["params"] == params
