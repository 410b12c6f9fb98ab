"""Sockets that mean harm: memory, threads and other clients stay as they were."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests import processes
from tests.web.live import PATIENCE_S, LiveServer
from tests.web.test_guard import UPGRADE

MIB = 1024
SOON_S = 8  # a client that is held up waits for a ping's 20
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"


def status_of(server: LiveServer, field: str) -> int:
    """VmHWM and VmRSS in KiB, Threads as a count."""
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(text.partition(f"{field}:")[2].split()[0])


def forget_peak(server: LiveServer) -> None:
    """Let VmHWM begin anew: another test may have needed more."""
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")


@contextmanager
def websocket(server: LiveServer, extra: str = "") -> Iterator[socket.socket]:
    with socket.create_connection(server.address, timeout=PATIENCE_S) as peer:
        peer.sendall(UPGRADE.format(extra=extra).encode())
        assert peer.recv(65536).startswith(b"HTTP/1.1 101")
        yield peer


def frame(opcode: int, payload: bytes, *, final: bool = True, compressed: bool = False) -> bytes:
    first = (0x80 if final else 0) | (0x40 if compressed else 0) | opcode
    size = len(payload)  # in the shortest form, and with a mask of zeros
    if size < 126:
        return struct.pack("!BB4x", first, 0x80 | size) + payload
    if size < 65536:
        return struct.pack("!BBH4x", first, 0x80 | 126, size) + payload
    return struct.pack("!BBQ4x", first, 0x80 | 127, size) + payload


def push(peer: socket.socket, data: bytes, times: int) -> int:
    """Send until the server cuts the connection; how often that was possible."""
    sent = 0
    with suppress(OSError):
        while sent < times:
            peer.sendall(data)
            sent += 1
    return sent


def enter(peer: socket.socket) -> None:
    """Connect to Socket.IO and open the video."""
    push(peer, frame(1, b"40") + frame(1, b'421["open_video",{"video_id":"clip"}]'), 1)
    read_until(peer, b"431[")


@contextmanager
def unharmed(server: LiveServer, clients: int = 1) -> Iterator[None]:
    """Engine.IO keeps one sleeping thread for 10 s after a client has gone."""
    with server.socket() as page:
        page.call("look_at", {"seq": 1})
        forget_peak(server)
        before_kib, threads = status_of(server, "VmHWM"), status_of(server, "Threads")
        yield
        with answered_soon(server):
            page.call("look_at", {"seq": 2}, timeout=PATIENCE_S)
        assert status_of(server, "VmHWM") - before_kib < 16 * MIB
        assert status_of(server, "Threads") - threads <= 8 + clients


@contextmanager
def answered_soon(server: LiveServer) -> Iterator[None]:
    """Time in which somebody computes, or waits for a core of a busy machine, does not count."""
    pids = {os.getpid(), server.process.pid, *processes.child_pids(server.process.pid)}
    started_s, busy_s = time.monotonic(), processes.busy_s(pids)
    yield
    took_s, busy_s = time.monotonic() - started_s, processes.busy_s(pids) - busy_s
    assert took_s - busy_s < SOON_S


def test_a_compressed_bomb_is_never_inflated(server: LiveServer) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(b"0" * 100_000_000) + packer.flush(zlib.Z_SYNC_FLUSH)

    with unharmed(server), websocket(server, DEFLATE) as peer:
        push(peer, frame(1, bomb, compressed=True), 1)


def test_endless_fragments_are_cut_off(server: LiveServer) -> None:
    with unharmed(server), websocket(server) as peer:
        push(peer, frame(1, b"4" * 65536, final=False), 1)
        pushed = push(peer, frame(0, b"x" * 65536, final=False), 1600)

    assert pushed < 1600


def test_a_huge_frame_is_cut_off(server: LiveServer) -> None:
    with unharmed(server), websocket(server) as peer:
        push(peer, struct.pack("!BBQ4x", 0x82, 0x80 | 127, 2**40), 1)
        pushed = push(peer, b"x" * 65536, 1600)

    assert pushed < 1600


def test_a_burst_of_events_makes_no_threads(server: LiveServer) -> None:
    event = frame(1, b'42["look_at",{"seq":1}]')
    with unharmed(server), websocket(server) as peer:
        push(peer, frame(1, b"40"), 1)
        read_until(peer, b"40{")
        push(peer, event * 5000, 1)


def test_hoarded_attachments_are_refused(server: LiveServer) -> None:
    event = b'45999-["set_mask",{"png":{"_placeholder":true,"num":0}}]'
    with unharmed(server), websocket(server) as peer:
        push(peer, frame(1, b"40"), 1)
        read_until(peer, b"40{")
        push(peer, frame(1, event), 1)
        push(peer, frame(2, b"\x00" * 200_000), 300)


def test_random_bytes_break_nothing(own_server: LiveServer) -> None:
    with unharmed(own_server, clients=60):
        for seed in range(60):
            with websocket(own_server) as peer:
                push(peer, os.urandom(50 + seed * 20), 1)

    assert "Traceback" not in own_server.log.read_text()


def test_half_open_requests_hold_nobody_up(server: LiveServer) -> None:
    peers = [socket.create_connection(server.address) for _ in range(100)]
    for peer in peers:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: ")

    assert server.request("GET", "/healthz").status == 200
    for peer in peers:
        peer.close()


def test_a_reader_that_stalls_costs_little(server: LiveServer) -> None:
    with server.socket() as page, websocket(server) as stalled:
        enter(stalled)
        forget_peak(server)
        before_kib = status_of(server, "VmHWM")
        for seq in range(20):
            page.call("look_at", {"seq": seq, "count": 20, "bytes": 200_000}, timeout=PATIENCE_S)

        assert status_of(server, "VmHWM") - before_kib < 16 * MIB


def test_a_slow_reader_is_told_to_read_again(server: LiveServer) -> None:
    with server.socket() as page, websocket(server) as slow:
        enter(slow)
        for seq in range(10):
            page.call("look_at", {"seq": seq, "count": 100, "bytes": 50_000}, timeout=PATIENCE_S)
        reader = threading.Thread(target=read_until, args=(slow, b'"resync"'))
        reader.start()
        reader.join(PATIENCE_S)

        assert not reader.is_alive()


def read_until(peer: socket.socket, wanted: bytes) -> bytes:
    """The end of what came, which these bytes are in."""
    got = b""
    while wanted not in got:
        chunk = peer.recv(1 << 20)
        assert chunk, "closed"
        got = got[-1000:] + chunk
    return got


def read_to_end(peer: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    got = b""
    while chunk := peer.recv(1 << 20):
        got += chunk
    return got


def test_idle_clients_take_two_threads_each(own_server: LiveServer, mode: str) -> None:
    with ExitStack() as open_sockets:
        for _ in range(100):
            peer = open_sockets.enter_context(websocket(own_server))
            push(peer, frame(1, b"40"), 1)
            read_until(peer, b"40{")

        assert status_of(own_server, "Threads") < (240 if mode == "threading" else 40)


@pytest.mark.slow  # the ping timeout is 20 s after a ping every 10 s
def test_a_client_that_answers_no_ping_is_dropped_and_holds_up_nobody(
    own_server: LiveServer,
) -> None:
    with own_server.socket() as page, websocket(own_server) as deaf:
        enter(deaf)
        for seq in range(70):
            with answered_soon(own_server):
                page.call("look_at", {"seq": seq, "count": 5, "bytes": 10}, timeout=PATIENCE_S)
            time.sleep(0.5)

        assert b"clients 1" in own_server.request("GET", "/metrics").body
