"""Events in, acks and facts out, over real websockets."""

from __future__ import annotations

import time
from typing import Any

import pytest
import socketio

from sam2_session.services.operations.table import EVENTS
from tests.web.live import PATIENCE_S, LiveServer
from tests.web.services import PNG
from tests.web.test_attacks import enter, frame, push, read_to_end, read_until, websocket

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


def click(seq: int) -> dict[str, Any]:
    return {"client_id": "c", "seq": seq, "key": KEY, "frame_idx": 3, "x": 1, "y": 2, "label": 1}


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else []


@pytest.mark.parametrize(
    "event", [name for name in EVENTS if name not in ("cancel", "set_mask", "add_point")]
)
def test_every_event_of_the_wire_is_acknowledged(server: LiveServer, event: str) -> None:
    with server.socket() as page:
        ack = page.call(event, {"seq": 9, "video_id": "clip"}, timeout=PATIENCE_S)

    assert ack == {"seq": 9, "rev": 1, "status": "applied", "event": event}


def test_the_mask_follows_to_the_one_who_clicked(server: LiveServer) -> None:
    with server.socket() as page, server.socket() as other:
        other.call("open_video", {"seq": 1, "video_id": "clip"})
        page.call("open_video", {"seq": 1, "video_id": "clip"})
        page.call("add_point", click(2), timeout=PATIENCE_S)

        name, mask = page.receive(timeout=PATIENCE_S)
        told = other.receive(timeout=PATIENCE_S)

    assert (name, mask["png"], mask["seq"]) == ("mask", PNG, 1)
    assert told == ["mask_saved", {"rev": 1}]


def test_only_the_room_of_a_video_hears_its_facts(server: LiveServer) -> None:
    with server.socket() as page, server.socket() as stranger, server.socket() as refused:
        stranger.call("open_video", {"seq": 1, "video_id": "other"})
        refused.call("open_video", {"seq": 1, "video_id": "lost"})
        page.call("open_video", {"seq": 1, "video_id": "clip"})
        page.call("add_point", click(2), timeout=PATIENCE_S)

        for quiet in (stranger, refused):
            with pytest.raises(socketio.exceptions.TimeoutError):
                quiet.receive(timeout=0.3)


def test_who_closed_the_video_hears_no_more(server: LiveServer) -> None:
    with server.socket() as page, server.socket() as other:
        for client in (page, other):
            client.call("open_video", {"seq": 1, "video_id": "clip"})
        other.call("close_video", {"seq": 2, "video_id": "clip"})
        page.call("add_point", click(2), timeout=PATIENCE_S)

        with pytest.raises(socketio.exceptions.TimeoutError):
            other.receive(timeout=0.3)


def test_a_room_cannot_be_another_clients(server: LiveServer) -> None:
    with server.socket() as page, server.socket() as spy:
        spy.call("open_video", {"seq": 1, "video_id": page.sid})
        page.call("add_point", click(2), timeout=PATIENCE_S)

        with pytest.raises(socketio.exceptions.TimeoutError):
            spy.receive(timeout=0.3)


def test_acks_come_in_the_order_of_the_clicks(server: LiveServer) -> None:
    acks: list[int] = []
    with server.socket() as page:
        for seq in range(300):
            op = {"seq": seq, "video_id": "clip"}
            page.client.emit("look_at", op, callback=lambda ack: acks.append(ack["seq"]))
        page.call("look_at", {"seq": 300})

    assert acks == list(range(300))


@pytest.mark.parametrize("payload", [None, 5, "text", [1, 2], b"bytes"])
def test_a_payload_that_is_no_object_gets_an_error(server: LiveServer, payload: Any) -> None:
    with server.socket() as page:
        ack = page.call("add_point", payload, timeout=PATIENCE_S)

    assert (ack["status"], ack["error"]["code"]) == ("rejected", "invalid_request")


def test_an_unknown_event_gets_an_error(server: LiveServer) -> None:
    with server.socket() as page:
        ack = page.call("drop_table", {"seq": 4}, timeout=PATIENCE_S)

    assert (ack["seq"], ack["error"]["code"]) == (4, "invalid_request")


@pytest.mark.parametrize("x", [float("nan"), float("inf"), "\ud800", nested(40)])
def test_what_is_no_json_is_refused_in_its_ack(server: LiveServer, x: Any) -> None:
    with server.socket() as page:
        ack = page.call("add_point", {**click(4), "x": x}, timeout=PATIENCE_S)
        again = page.call("add_point", {**click(4), "x": 1}, timeout=PATIENCE_S)

    assert (ack["seq"], ack["error"]["code"]) == (None, "invalid_request")
    assert again["status"] == "applied"


def test_no_json_beside_bytes_is_refused_in_its_ack(server: LiveServer) -> None:
    with server.socket() as page:
        ack = page.call("set_mask", {"x": float("nan"), "mask": PNG}, timeout=PATIENCE_S)

    assert (ack["seq"], ack["error"]["code"]) == (None, "invalid_request")


def test_an_unexpected_error_reaches_the_ack_without_details(server: LiveServer) -> None:
    with server.socket() as page:
        ack = page.call("set_mask", {"seq": 5}, timeout=PATIENCE_S)

    assert (ack["seq"], ack["status"], ack["error"]["code"]) == (5, "rejected", "internal_error")


def test_bytes_arrive_whole_up_to_the_limit(server: LiveServer) -> None:
    with server.socket() as page:
        ack = page.call("set_mask", {"seq": 5, "png": b"\x89" * 250_000}, timeout=PATIENCE_S)

    assert ack["bytes"] == 250_000


@pytest.mark.parametrize("big", [b"\x89" * 300_000, "x" * 300_000, "é" * 300_000])
def test_a_message_over_the_limit_is_refused_by_its_ack(
    server: LiveServer, big: bytes | str
) -> None:
    with server.socket() as page:
        refused = page.call("set_mask", {"seq": 5, "png": big}, timeout=PATIENCE_S)
        next_one = page.call("set_mask", {"seq": 6, "png": b"small"}, timeout=PATIENCE_S)

    assert (refused["status"], refused["error"]["code"]) == ("rejected", "too_large")
    assert next_one["status"] == "applied"


@pytest.mark.parametrize(
    "packet",
    ["[null]", "[]", "{}", "[1]", '"text"', '["disconnect"]', '["*",1]', "", "[nul", "[[]]"],
)
def test_what_is_no_event_is_refused_in_a_sentence(server: LiveServer, packet: str) -> None:
    """An event without an acknowledgement costs a line of the log, and the socket goes on."""
    before = len(server.log.read_text())
    with websocket(server) as peer:
        enter(peer)
        push(peer, frame(1, f"4277{packet}".encode()) + frame(1, f"42{packet}".encode()), 1)
        push(peer, frame(1, b'4278["look_at",{"seq":1}]'), 1)
        got = read_until(peer, b"4378[")

    assert b"4377[" in got
    assert b"invalid_request" in got
    logged = server.log.read_text()[before:]
    assert len(logged.splitlines()) == 1
    assert "cannot be read" in logged


@pytest.mark.parametrize("message", ["x", "", "9"])
def test_what_is_no_packet_ends_the_socket_alone(server: LiveServer, message: str) -> None:
    before = len(server.log.read_text())
    with websocket(server) as peer:
        enter(peer)
        push(peer, frame(1, message.encode()), 1)
        end = read_to_end(peer)

    assert b"HTTP/1.1" not in end
    assert len(server.log.read_text()[before:].splitlines()) == 1


def test_a_wrong_token_in_auth_is_refused(locked_server: LiveServer) -> None:
    client = socketio.Client(reconnection=False)
    bearer = {"Authorization": "Bearer s3cret"}

    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(
            locked_server.origin, bearer, auth={"token": "wrong"}, transports=["websocket"]
        )
    client.disconnect()


def test_the_services_hear_of_every_client_that_leaves(server: LiveServer) -> None:
    with server.socket() as page:
        sid = page.sid
        page.call("look_at", {"seq": 1})
    until_s = time.monotonic() + PATIENCE_S

    def have_left() -> list[str]:
        left: list[str] = server.request("GET", "/api/classes").json["left"]
        return left

    while sid not in have_left() and time.monotonic() < until_s:
        time.sleep(0.05)

    assert sid in have_left()
