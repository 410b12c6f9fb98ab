"""Downloads of exports, in both async modes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.live import LiveServer
from tests.web.services import EXPORT

BASE = "/api/videos/clip/exports"
FILE = f"{BASE}/whole"


def test_a_download_is_an_attachment_with_name_size_and_hash(server: LiveServer) -> None:
    answer = server.request("GET", FILE)

    assert answer.body == EXPORT
    assert answer.headers["content-disposition"] == "attachment; filename=clip-davis.zip"
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["etag"] == '"abc"'


def test_the_size_is_known_before(server: LiveServer) -> None:
    answer = server.request("HEAD", FILE)

    assert (answer.headers["content-length"], answer.body) == (str(len(EXPORT)), b"")


def test_a_range_is_answered_with_that_part(server: LiveServer) -> None:
    answer = server.request("GET", FILE, range="bytes=300000-300099")

    assert answer.status == 206
    assert answer.headers["content-range"] == f"bytes 300000-300099/{len(EXPORT)}"
    assert answer.body == EXPORT[300000:300100]


def test_the_rest_of_a_broken_download_can_be_had(server: LiveServer) -> None:
    answer = server.request("GET", FILE, range="bytes=1048000-", if_range='"abc"')

    assert (answer.status, answer.body) == (206, EXPORT[1048000:])


def test_what_the_client_has_is_not_sent_again(server: LiveServer) -> None:
    answer = server.request("GET", FILE, if_none_match='"abc"')

    assert (answer.status, answer.body) == (304, b"")


def test_a_range_beyond_the_end_is_refused(server: LiveServer) -> None:
    assert server.request("GET", FILE, range="bytes=9999999-").status == 416


def test_the_manifest_has_a_name_of_its_own(server: LiveServer) -> None:
    answer = server.request("GET", f"{FILE}/manifest.json")

    assert "filename=whole-manifest.json" in answer.headers["content-disposition"]


def test_a_file_that_is_gone_is_not_found(server: LiveServer) -> None:
    answer = server.request("GET", f"{BASE}/gone")

    assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")


def test_a_listed_export_says_where_it_and_its_manifest_are(server: LiveServer) -> None:
    (row,) = server.request("GET", BASE).json["exports"]

    assert row == {"export_id": "a", "url": f"{BASE}/a", "manifest_url": f"{BASE}/a/manifest.json"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "operation", "params"),
    [
        ("GET", "/api/formats", None, 200, "list_formats", {}),
        ("DELETE", f"{BASE}/a", None, 200, "delete_export", {"video_id": "clip", "export_id": "a"}),
        (
            *("POST", BASE, {"format": "coco", "options": {"end": 3}}, 202, "start_export"),
            {"video_id": "clip", "format": "coco", "options": {"end": 3}},
        ),
    ],
)
def test_a_route_reaches_its_operation(
    server: LiveServer, method: str, path: str, body: Any, status: int, operation: str, params: Any
) -> None:
    answer = server.request(method, path, body)

    assert answer.status == status
    assert answer.json == {"operation": operation, "params": params}
