"""Events of a room that come shortly after one another go out together, and in order."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sam2_session.core.events import Event, EventName
from sam2_session.web.event_batches import MOST_BYTES, MOST_EVENTS, EventBatches


class Clients:
    """Three clients of two rooms; `got` holds the numbers of each one's events, by message."""

    def __init__(self) -> None:
        self.rooms = {"left": ["a", "b"], "right": ["b", "c"]}
        self.got: dict[str, list[list[int]]] = {"a": [], "b": [], "c": []}
        self.batches = EventBatches(lambda room: self.rooms[room], self._send)

    def add(self, room: str, *numbers: int) -> None:
        for number in numbers:
            self.batches.add(room, Event(EventName.MASK_SAVED, {"number": number}, room))

    def numbers(self, sid: str) -> list[int]:
        return [number for message in self.got[sid] for number in message]

    def until(self, sid: str, numbers: list[int]) -> None:
        until_s = time.monotonic() + 60
        while self.numbers(sid) != numbers:
            assert time.monotonic() < until_s
            time.sleep(0.005)

    def _send(self, sids: Sequence[str], events: Sequence[Event]) -> None:
        for sid in sids:
            self.got[sid].append([event.data["number"] for event in events])


def test_the_first_event_after_a_quiet_time_goes_out_at_once() -> None:
    clients = Clients()
    clients.add("left", 1)

    assert clients.got == {"a": [[1]], "b": [[1]], "c": []}


def test_events_that_follow_go_out_together() -> None:
    clients = Clients()
    with clients.batches._lock:  # nothing goes out by itself meanwhile
        clients.add("left", 1, 2, 3)
        clients.batches.send_all()

    assert clients.got["a"] == [[1], [2, 3]]


def test_large_events_are_not_joined() -> None:
    clients = Clients()
    png = bytes(MOST_BYTES // 2)
    with clients.batches._lock:  # nothing goes out by itself meanwhile
        clients.add("left", 1)
        for number in (2, 3, 4):
            data = {"number": number, "png": png}
            clients.batches.add("left", Event(EventName.MASK, data, "left"))
        clients.batches.send_all()

    assert clients.got["a"] == [[1], [2], [3], [4]]


def test_what_waits_goes_out_by_itself() -> None:
    clients = Clients()
    clients.add("left", 1, 2)
    clients.add("right", 3)

    clients.until("b", [1, 2, 3])
    clients.add("right", 4)
    clients.until("c", [3, 4])


def test_no_batch_grows_without_end() -> None:
    clients = Clients()
    clients.add("left", *range(MOST_EVENTS * 3))

    assert max(map(len, clients.got["a"])) <= MOST_EVENTS
    clients.until("a", [*range(MOST_EVENTS * 3)])


def test_a_client_that_catches_up_gets_each_event_once() -> None:
    clients = Clients()
    with clients.batches._lock:
        clients.add("left", 1, 2, 3)
        clients.batches.catch_up("a")
        clients.batches.catch_up("c")
        assert [clients.numbers(sid) for sid in "abc"] == [[1, 2, 3], [1], []]

        clients.add("left", 4)
        clients.batches.send_all()

    assert [clients.numbers(sid) for sid in "abc"] == [[1, 2, 3, 4], [1, 2, 3, 4], []]


def test_who_left_the_room_gets_nothing_more() -> None:
    clients = Clients()
    with clients.batches._lock:
        clients.add("left", 1, 2)
        clients.rooms["left"].remove("a")
        clients.batches.catch_up("a")
        clients.batches.send_all()

    assert (clients.numbers("a"), clients.numbers("b")) == ([1], [1, 2])
