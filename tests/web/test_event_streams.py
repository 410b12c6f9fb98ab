"""Server-sent events: the names and data of Socket.IO, in both async modes."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sam2_session.core.events import Event, EventName
from sam2_session.hosts.inline import InlineHost
from sam2_session.settings import Settings
from sam2_session.web import event_streams
from sam2_session.web.errors import ServerBusy
from sam2_session.web.event_streams import KEEP_ALIVE, MAX_STREAMS, EventStreams
from sam2_session.web.outbox import MAX_BACKLOG_EVENTS, SLOW_QUEUE_LENGTH
from tests.web import services
from tests.web.live import PATIENCE_S, LiveServer, read_until

CLICK = {"client_id": "c", "seq": 2, "frame_idx": 3, "x": 1, "y": 2, "label": 1}


class Listening:
    """A connection that reads events."""

    def __init__(self, peer: socket.socket, unread: bytes) -> None:
        self._peer = peer
        self._unread = unread.replace(b"\r\n", b"\n")

    def next(self) -> tuple[str, Any]:
        """The next event and its data; comments and chunk lengths are passed over."""
        while True:
            lines = self._block().split(b"\n")
            fields = dict(line.split(b": ", 1) for line in lines if b": " in line)
            if b"event" in fields:
                return fields[b"event"].decode(), json.loads(fields[b"data"])

    def _block(self) -> bytes:
        while b"\n\n" not in self._unread:
            piece = self._peer.recv(65536)
            assert piece, "the stream ended"
            self._unread += piece.replace(b"\r\n", b"\n")
        block, self._unread = self._unread.split(b"\n\n", 1)
        return block


@contextmanager
def listening(server: LiveServer, query: str = "?video_id=clip") -> Iterator[Listening]:
    with socket.create_connection(server.address, timeout=PATIENCE_S) as peer:
        peer.sendall(f"GET /api/events{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head, _, rest = read_until(peer, b"retry: 2000\n\n").partition(b"retry: 2000\n\n")
        assert b" 200 " in head.split(b"\r\n")[0]
        assert b"content-type: text/event-stream" in head.lower()
        yield Listening(peer, rest)


def click(server: LiveServer, video_id: str = "clip") -> None:
    """Make the server announce a mask of the clip."""
    key = {"video_id": video_id, "instance_id": 1, "region": "overall"}
    with server.socket() as page:
        page.call("add_point", {**CLICK, "key": key}, timeout=PATIENCE_S)


def test_the_facts_of_a_video_come_and_what_is_for_one_client_does_not(server: LiveServer) -> None:
    with listening(server) as client, listening(server, "") as everything:
        assert client.next() == ("host_state", {"state": "ready", "detail": "", "restarts": 0})
        assert everything.next()[0] == "host_state"
        click(server)

        assert client.next() == ("mask_saved", {"rev": 1})
        assert everything.next() == ("mask_saved", {"rev": 1})


def test_another_videos_facts_do_not_come(server: LiveServer) -> None:
    with listening(server, "?video_id=other") as client, listening(server) as witness:
        click(server)
        for _ in range(2):
            witness.next()
        client.next()

        client._peer.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.next()


def test_an_unknown_video_is_404(server: LiveServer) -> None:
    answer = server.request("GET", "/api/events?video_id=lost")

    assert (answer.status, answer.json["error"]["code"]) == (404, "video_not_found")


def test_a_stream_needs_the_token(locked_server: LiveServer) -> None:
    assert locked_server.request("GET", "/api/events").status == 401


def test_after_a_restart_the_video_is_to_be_read_again(own_server: LiveServer) -> None:
    with listening(own_server) as client:
        client.next()
        with own_server.socket() as page:
            page.emit("cancel", {"client_id": "c", "seq": 1, "job_id": "x"})
            told = [client.next() for _ in range(3)]

    assert [name for name, _ in told] == ["host_state", "host_state", "resync"]
    assert told[2][1] == {"video_id": "clip"}


@pytest.fixture
def streams() -> Iterator[EventStreams]:
    host = InlineHost(services.build(Settings(async_mode="threading")))
    yield EventStreams(host)
    host.close()


def saved(frame_idx: int, rev: int = 1) -> Event:
    return Event(EventName.MASK_SAVED, {"frame_idx": frame_idx, "rev": rev}, "clip")


def test_a_slow_client_gets_the_newest_fact_about_each_thing(streams: EventStreams) -> None:
    stream = streams.open("clip")
    for rev in range(1, 4):
        for frame_idx in range(SLOW_QUEUE_LENGTH):
            stream.put(saved(frame_idx, rev))

    sent = [next(stream) for _ in range(1 + 2 * SLOW_QUEUE_LENGTH)]

    revs = [json.loads(piece.split(b"data: ")[1])["rev"] for piece in sent[2:]]
    first = SLOW_QUEUE_LENGTH - 1  # behind the state of the host
    assert (set(revs[:first]), set(revs[first:])) == ({1}, {3})


def test_a_client_too_far_behind_reads_the_video_again(streams: EventStreams) -> None:
    stream = streams.open("clip")
    for frame_idx in range(SLOW_QUEUE_LENGTH + MAX_BACKLOG_EVENTS + 5):
        stream.put(saved(frame_idx))

    sent = [next(stream) for _ in range(SLOW_QUEUE_LENGTH + 2)]

    assert sent[-1] == b'event: resync\ndata: {"video_id":"clip"}\n\n'


def test_a_quiet_stream_is_kept_alive(
    streams: EventStreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "KEEP_ALIVE_S", 0.01)
    stream = streams.open(None)

    assert [next(stream) for _ in range(3)][2] == KEEP_ALIVE


def test_streams_are_counted_and_a_closed_one_makes_way(streams: EventStreams) -> None:
    opened = [streams.open(None) for _ in range(MAX_STREAMS)]

    with pytest.raises(ServerBusy):
        streams.open(None)
    opened[0].close()
    streams.open(None)
