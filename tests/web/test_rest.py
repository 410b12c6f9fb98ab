"""Every REST route of the wire reaches its operation, in both async modes."""

from __future__ import annotations

import base64
import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.web.live import PATIENCE_S, LiveServer
from tests.web.services import EXPORT, PNG

PAIR = {"video_id": "clip", "instance_id": 2, "region": "shaft"}
PLACE = {**PAIR, "frame_idx": 7}
BASE = "/api/videos/clip/instances/2/regions/shaft"
HERE = {"instance_id": 2, "region": "shaft", "frame_idx": 7}
POINTS = [{"x": 1.5, "y": 2, "label": 1}]

ROUTES: list[tuple[str, str, Any, int, str, dict[str, Any]]] = [
    ("GET", "/api/videos", None, 200, "list_videos", {}),
    ("GET", "/api/videos/clip/frames.json", None, 200, "get_frame_table", {"video_id": "clip"}),
    ("GET", "/api/videos/clip/instances", None, 200, "list_instances", {"video_id": "clip"}),
    (
        "POST",
        "/api/videos/clip/instances",
        {"name": "Zange", "locked": True},
        201,
        "create_instance",
        {"video_id": "clip", "name": "Zange", "locked": True},
    ),
    (
        "PATCH",
        "/api/videos/clip/instances/2",
        {"hidden": True},
        200,
        "update_instance",
        {"video_id": "clip", "instance_id": 2, "hidden": True},
    ),
    (
        "DELETE",
        "/api/videos/clip/instances/2",
        None,
        200,
        "delete_instance",
        {"video_id": "clip", "instance_id": 2},
    ),
    ("GET", f"{BASE}/prompts", None, 200, "get_prompts", PAIR),
    (
        "PUT",
        f"{BASE}/prompts/7",
        {"points": POINTS, "box": None, "base_rev": 4},
        200,
        "replace_prompts",
        {**PLACE, "points": POINTS, "box": None, "base_rev": 4},
    ),
    (
        "DELETE",
        f"{BASE}/prompts/7?base_rev=3",
        None,
        200,
        "clear_frame",
        {**PLACE, "base_rev": 3},
    ),
    (
        "POST",
        f"{BASE}/prompts/7/points",
        {"points": POINTS, "base_rev": 4},
        200,
        "add_points",
        {**PLACE, "points": POINTS, "base_rev": 4},
    ),
    ("GET", f"{BASE}/masks", None, 200, "list_masks", PAIR),
    (
        "PATCH",
        f"{BASE}/masks",
        {"frames": [[1, 4]], "approved": True},
        200,
        "approve",
        {**PAIR, "frames": [[1, 4]], "approved": True},
    ),
    ("DELETE", f"{BASE}/masks/7.png", None, 200, "delete_mask", PLACE),
    (
        "GET",
        "/api/videos/clip/instances/2/keypoints",
        None,
        200,
        "get_keypoints",
        {"video_id": "clip", "instance_id": 2},
    ),
    (
        "PUT",
        "/api/videos/clip/instances/2/keypoints",
        {"keypoints": []},
        200,
        "replace_keypoints",
        {"video_id": "clip", "instance_id": 2, "keypoints": []},
    ),
    (
        "POST",
        "/api/videos/clip/undo",
        HERE,
        200,
        "undo",
        {"video_id": "clip", **HERE},
    ),
    (
        "POST",
        "/api/videos/clip/redo",
        HERE,
        200,
        "redo",
        {"video_id": "clip", **HERE},
    ),
    (
        "POST",
        "/api/videos/clip/propagate",
        {"pairs": "all", "direction": "both"},
        202,
        "propagate",
        {"video_id": "clip", "pairs": "all", "direction": "both"},
    ),
    ("GET", "/api/jobs", None, 200, "list_jobs", {}),
    ("DELETE", "/api/jobs/j1", None, 200, "cancel", {"job_id": "j1"}),
    ("GET", "/api/models", None, 200, "list_models", {}),
    (
        "POST",
        "/api/models/sam2.1_hiera_t/select",
        None,
        200,
        "select_model",
        {"name": "sam2.1_hiera_t"},
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "operation", "params"), ROUTES)
def test_a_route_calls_its_operation(
    server: LiveServer,
    method: str,
    path: str,
    body: Any,
    status: int,
    operation: str,
    params: dict[str, Any],
) -> None:
    answer = server.request(method, path, body)

    assert (answer.status, answer.json) == (status, {"operation": operation, "params": params})


def test_a_verb_with_nothing_to_say_is_204(server: LiveServer) -> None:
    answer = server.request("DELETE", "/api/videos/clip")

    assert (answer.status, answer.body) == (204, b"")


def test_names_of_any_script_reach_the_services(server: LiveServer) -> None:
    answer = server.request("GET", "/api/videos/%E8%A7%86%E9%A2%91")

    assert answer.json == {"video_id": "视频"}


def test_a_frame_is_kept_for_a_day(server: LiveServer) -> None:
    answer = server.request("GET", "/api/videos/clip/frames/12.jpg?width=320")

    assert (answer.body, answer.headers["content-type"]) == (b"clip 12 320", "image/jpeg")
    assert answer.headers["cache-control"] == "private, max-age=86400"


def test_a_frame_has_one_address_whatever_digits_a_script_has(server: LiveServer) -> None:
    assert server.request("GET", "/api/videos/clip/frames/1.jpg").status == 200
    assert server.request("GET", "/api/videos/clip/frames/%EF%BC%91.jpg").status == 404


@pytest.mark.parametrize("width", ["0", "-3", "9999999", "a", "1.5", "9" * 5000])
def test_a_width_out_of_range_is_refused(server: LiveServer, width: str) -> None:
    answer = server.request("GET", f"/api/videos/clip/frames/12.jpg?width={width}")

    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_request")


def test_a_mask_with_its_rev_is_kept_for_ever(server: LiveServer) -> None:
    answer = server.request("GET", f"{BASE}/masks/7.png?rev=3")

    assert (answer.body, answer.headers["etag"]) == (PNG, '"3"')
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("query", ["", "?rev=2", "?rev=4"])
def test_a_mask_under_another_rev_is_asked_for_again(server: LiveServer, query: str) -> None:
    answer = server.request("GET", f"{BASE}/masks/7.png{query}")

    assert (answer.status, answer.headers["cache-control"]) == (200, "private, no-cache")


def test_an_unchanged_mask_is_not_sent_twice(server: LiveServer) -> None:
    answer = server.request("GET", f"{BASE}/masks/7.png", If_None_Match='"3"')

    assert (answer.status, answer.body) == (304, b"")


def test_the_head_of_a_mask_tells_rev_and_size(server: LiveServer) -> None:
    answer = server.request("HEAD", f"{BASE}/masks/7.png")

    assert (answer.status, answer.headers["etag"], answer.body) == (200, '"3"', b"")
    assert answer.headers["content-length"] == str(len(PNG))


def test_a_mask_is_put_as_raw_png(server: LiveServer) -> None:
    answer = server.request("PUT", f"{BASE}/masks/7.png", b"\x89PNG" * 1000)

    assert answer.json == {"rev": 4, "bytes": 4000}


def test_the_session_says_who_is_there(server: LiveServer, mode: str) -> None:
    answer = server.request("GET", "/api/session").json

    assert (answer["authenticated"], answer["async_mode"]) == (True, mode)


def test_metrics_name_every_figure(server: LiveServer) -> None:
    lines: list[str] = []
    until_s = time.monotonic() + PATIENCE_S
    while "sam2_session_clients 0" not in lines and time.monotonic() < until_s:
        lines = server.request("GET", "/metrics").body.decode().splitlines()

    assert "sam2_session_clients 0" in lines  # once those of other tests have left
    assert "sam2_session_videos 2" in lines
    assert "sam2_session_jobs_running 1" in lines


def test_readiness_is_the_session_process(server: LiveServer) -> None:
    server.request("GET", "/api/videos")

    assert server.request("GET", "/readyz").body == b"ready\n"


def test_a_slow_answer_holds_up_nobody(server: LiveServer) -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(server.request, "GET", "/api/jobs/slow")
        while not slow.done():
            server.request("DELETE", "/api/videos/slow")  # the slow request waits for this

    assert slow.result().json["let_go"] is True


def test_ten_thousand_nested_lists_are_refused(server: LiveServer) -> None:
    answer = server.request("PATCH", "/api/videos/clip/instances/2", b"[" * 10000)

    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        b'{"points": NaN}',
        b'{"points": [1e999]}',
        b'{"name": "\\ud800"}',
        b"[1]",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
)
def test_what_is_no_sound_json_object_is_refused(server: LiveServer, body: bytes) -> None:
    answer = server.request("PUT", f"{BASE}/prompts/7", body)

    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_request")


def test_a_body_over_a_mebibyte_is_refused(server: LiveServer) -> None:
    answer = server.request("PUT", f"{BASE}/prompts/7", json.dumps("x" * 2**20).encode())

    assert (answer.status, answer.json["error"]["code"]) == (413, "too_large")


def test_a_preview_is_json_or_by_accept_a_picture(server: LiveServer) -> None:
    path, body = f"{BASE}/preview/7", {"points": POINTS}

    plain = server.request("POST", path, body)
    picture = server.request("POST", path, body, Accept="image/png, application/json;q=0.5")

    assert base64.b64decode(plain.json["png"]) == PNG
    assert (plain.json["score"], plain.json["area"]) == (1.5, 4)
    assert (picture.headers["content-type"], picture.body) == ("image/png", PNG)
    assert picture.headers["vary"] == "Accept"


def test_an_overlay_takes_its_look_from_the_address_and_is_sent_once(server: LiveServer) -> None:
    path = "/api/videos/clip/frames/7/overlay.png?pairs=1/shaft,2/overall&opacity=0.25&prompts=1"

    first = server.request("GET", path)
    again = server.request("GET", path, If_None_Match=first.headers["etag"])
    other = server.request("GET", f"{path}&width=9", If_None_Match=first.headers["etag"])

    look = [("opacity", 0.25), ("pairs", "1/shaft,2/overall"), ("prompts", True)]
    assert first.body.decode() == f"7 {[*look, ('video_id', 'clip')]}"
    assert (again.status, again.body, other.status) == (304, b"", 200)


def test_a_stream_is_sent_as_it_comes_and_closed_at_its_end(server: LiveServer) -> None:
    answer = server.request("GET", "/api/videos/clip/masks.zip?start=2")

    assert answer.body == EXPORT * 3
    assert "filename=masks.zip" in answer.headers["content-disposition"]
    while "stream clip" not in left(server):  # the end is told after the last byte
        time.sleep(0.05)


def test_a_client_that_leaves_ends_its_stream(server: LiveServer) -> None:
    server.raw(b"GET /api/videos/endless/masks.zip HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

    while "stream endless" not in left(server):
        time.sleep(0.05)


def test_a_stream_that_breaks_is_cut_off(server: LiveServer) -> None:
    try:
        body = server.request("GET", "/api/videos/broken/masks.zip").body
    except http.client.IncompleteRead as cut:
        body = cut.partial

    assert body == EXPORT * 2


def left(server: LiveServer) -> str:
    """Return by count which clients and streams the services were told had ended."""
    return server.request("GET", "/api/classes").body.decode()


def test_a_list_is_read_page_by_page(server: LiveServer) -> None:
    page = server.request("GET", "/api/trash?limit=2&after=item-1").json

    assert page == {"items": [{"trash_id": "item-2"}, {"trash_id": "item-3"}], "next": "item-3"}
    assert server.request("GET", "/api/trash?limit=no").status == 400
