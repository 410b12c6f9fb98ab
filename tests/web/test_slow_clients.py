"""Clients that are slow on purpose keep nobody else out, in both async modes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from sam2_session.core.errors import ServerBusy
from sam2_session.web.connection import BodyTooSlow, Connection, Deadlines, RequestReader
from sam2_session.web.doorway import MAX_STRANGERS, Doorway
from tests.web.live import PATIENCE_S, LiveServer, read_until
from tests.web.test_attacks import status_of
from tests.web.test_guard import UPGRADE

SLOW = 300
DRIP_S = 0.2
QUICK = Deadlines(head_s=1.0, idle_s=0.3, silence_s=0.5, body_grace_s=0.2, body_rate=1000.0)
HEAD = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"


@contextmanager
def slow_connections(server: LiveServer, start: bytes) -> Iterator[list[socket.socket]]:
    """Connections that send a byte now and then, as long as they are let."""
    with ExitStack() as stack:
        peers = [stack.enter_context(socket.socket()) for _ in range(SLOW)]
        for peer in peers:
            peer.connect(server.address)
            peer.sendall(start)
        stop = threading.Event()
        dripper = threading.Thread(target=drip, args=(peers, stop))
        dripper.start()
        stack.callback(dripper.join)
        stack.callback(stop.set)
        yield peers


def drip(peers: list[socket.socket], stop: threading.Event) -> None:
    while not stop.wait(DRIP_S):
        for peer in peers:
            try:
                peer.send(b"x")
            except OSError:  # the server has ended it
                continue


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
        b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n",
    ],
)
def test_slow_connections_without_a_token_keep_nobody_out(
    locked_server: LiveServer, mode: str, start: bytes
) -> None:
    bearer = {"Authorization": "Bearer s3cret"}
    with slow_connections(locked_server, start):
        answers = [locked_server.request("GET", "/api/videos", **bearer) for _ in range(20)]
        page = [locked_server.request("GET", "/") for _ in range(20)]
        with locked_server.socket(**bearer) as client:
            ack = client.call("look_at", {"seq": 1}, timeout=PATIENCE_S)
            threads = status_of(locked_server, "Threads")

    assert [answer.status for answer in answers + page] == [200] * 40
    assert ack["status"] == "applied"
    assert threads < MAX_STRANGERS + 64 if mode == "threading" else threads < 64


def test_an_open_socket_outlives_a_flood_of_strangers(locked_server: LiveServer) -> None:
    with locked_server.socket(Authorization="Bearer s3cret") as client:
        with slow_connections(locked_server, b"GET /"):
            pass

        assert client.call("look_at", {"seq": 1}, timeout=PATIENCE_S)["status"] == "applied"


@contextmanager
def reader_of(deadlines: Deadlines = QUICK) -> Iterator[tuple[socket.socket, RequestReader]]:
    """A client's end, and the server's reader of the other."""
    with ExitStack() as stack:
        client, peer = socket.socketpair()
        stack.callback(client.close)
        connection = Connection(peer, "10.0.0.1", Doorway(), deadlines)
        stack.callback(connection.close)
        yield client, RequestReader(connection)


def test_a_head_that_drips_is_refused_at_its_deadline() -> None:
    with reader_of() as (client, reader):
        stop = threading.Event()
        dripper = threading.Thread(target=drip_into, args=(client, stop))
        dripper.start()
        line = reader.readline()
        stop.set()
        dripper.join()
        answer = client.recv(65536)

    assert line == b""
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout")
    assert b'"code":"request_timeout"' in answer


def drip_into(client: socket.socket, stop: threading.Event) -> None:
    client.sendall(b"GET / HTTP/1.1\r\nX: ")
    while not stop.wait(0.02):
        try:
            client.send(b"a")
        except OSError:
            return


def test_who_says_nothing_is_let_go_without_an_answer() -> None:
    with reader_of() as (client, reader):
        assert reader.readline() == b""
        reader.close()
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)


def test_a_body_has_to_come_at_a_rate() -> None:
    with reader_of() as (client, reader):
        client.sendall(HEAD + b"x" * 100)
        while reader.readline() != b"\r\n":
            pass
        with pytest.raises(BodyTooSlow):
            reader.read(1000)

        assert reader.read(1000) == reader.readline() == b""


def test_a_body_that_comes_at_the_rate_may_take_its_time() -> None:
    deadlines = Deadlines(body_grace_s=0.05, body_rate=100.0)
    with reader_of(deadlines) as (client, reader):
        sender = threading.Thread(target=send_slowly, args=(client,))
        sender.start()
        while reader.readline() != b"\r\n":
            pass
        body = reader.read()
        sender.join()

    assert len(body) == 100_000


def send_slowly(client: socket.socket) -> None:
    client.sendall(HEAD + b"x" * 5000)  # worth 50 s, of which it takes half a second
    for _ in range(19):
        time.sleep(0.02)
        client.sendall(b"x" * 5000)


@pytest.mark.slow  # a body has ten seconds before its rate counts
def test_a_slow_body_is_refused_in_our_shape(own_server: LiveServer) -> None:
    start = b"POST /api/regions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
    with socket.create_connection(own_server.address, timeout=PATIENCE_S) as peer:
        peer.sendall(start)
        answer = read_until(peer, b'"}}')

    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"code":"request_timeout"' in answer


def stranger(address: str, doorway: Doorway) -> tuple[Connection, socket.socket]:
    client, peer = socket.socketpair()
    connection = Connection(peer, address, doorway)
    doorway.let_in(connection)
    return connection, client


def is_open(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) != b""
    except BlockingIOError:
        return True


def test_a_newcomer_takes_the_slot_of_the_address_with_the_most() -> None:
    doorway = Doorway(max_strangers=4)
    few = [stranger("10.0.0.1", doorway)]
    many = [stranger("10.0.0.2", doorway) for _ in range(3)]
    few += [stranger("10.0.0.1", doorway)]

    assert [is_open(client) for _, client in few] == [True, True]
    assert [is_open(client) for _, client in many] == [False, True, True]
    close_all([*few, *many])


def test_one_that_is_answered_stays_longer_than_one_that_waits() -> None:
    doorway = Doorway(max_strangers=2)
    answered, waiting = (stranger("10.0.0.1", doorway) for _ in range(2))
    answered[0].is_waiting = False
    newest = stranger("10.0.0.1", doorway)

    assert [is_open(client) for _, client in (answered, waiting, newest)] == [True, False, True]
    close_all([answered, waiting, newest])


def test_members_stay_and_an_idle_one_makes_room_for_another() -> None:
    doorway = Doorway(max_strangers=2, max_members=2)
    busy, idle, third, fourth = (admitted(doorway) for _ in range(4))
    fourth[0].is_waiting = False

    assert [is_open(client) for _, client in (busy, idle, third, fourth)] == [
        False,
        False,
        True,
        True,
    ]
    third[0].is_waiting = False
    with pytest.raises(ServerBusy):
        admitted(doorway)
    close_all([busy, idle, third, fourth])


def admitted(doorway: Doorway) -> tuple[Connection, socket.socket]:
    member = stranger("10.0.0.1", doorway)
    try:
        member[0].admit()
    except ServerBusy:
        close_all([member])
        raise
    return member


def close_all(ends: list[tuple[Connection, socket.socket]]) -> None:
    for connection, client in ends:
        connection.close()
        client.close()


def test_a_websocket_keeps_what_came_with_its_request(server: LiveServer) -> None:
    """Frames that are sent at once lie behind the head that the server has read."""
    frames = b"\x81\x82\0\0\0\x0040" + b"\x81\x99\0\0\0\x00" + b'421["look_at",{"seq":71}]'
    answer = server.raw(UPGRADE.format(extra="").encode() + frames, until=b'"seq":71')

    assert b'431[{"seq":71' in answer
