"""Events held back from slow clients."""

from __future__ import annotations

import time
from collections.abc import Callable

from sam2_session.core.events import Event, EventName
from sam2_session.web.outbox import MAX_BACKLOG_EVENTS, SLOW_QUEUE_LENGTH, Backlog, Outbox


def saved(frame_idx: int, rev: int = 1, png: bytes = b"") -> Event:
    data = {
        "key": {"instance_id": 1, "region": "a"},
        "frame_idx": frame_idx,
        "rev": rev,
        "png": png,
    }
    return Event(EventName.MASK_SAVED, data, "clip")


def until(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until_s
        time.sleep(0.01)


def drained(backlog: Backlog) -> list[Event]:
    return list(iter(backlog.take, None))


def test_a_newer_fact_about_the_same_frame_replaces_the_older() -> None:
    backlog = Backlog()
    for event in (saved(1, rev=1), saved(2), saved(1, rev=2)):
        backlog.add(event)

    assert drained(backlog) == [saved(2), saved(1, rev=2)]


def test_no_approval_replaces_another() -> None:
    key = {"instance_id": 1, "region": "a"}
    events = [Event(EventName.MASKS_APPROVED, {"key": key, "rev": rev}, "clip") for rev in (1, 2)]
    backlog = Backlog()
    for event in events:
        backlog.add(event)

    assert drained(backlog) == events


def batch_changed(batch_id: str, *items: int) -> Event:
    rows = [{"item": item} for item in items]
    return Event(EventName.BATCH_CHANGED, {"batch_id": batch_id, "items": rows})


def test_changes_of_a_batch_are_joined() -> None:
    backlog = Backlog()
    for event in (batch_changed("a", 1, 2), batch_changed("b", 1), batch_changed("a", 2, 3)):
        backlog.add(event)

    assert drained(backlog) == [batch_changed("b", 1), batch_changed("a", 1, 2, 3)]


def test_too_many_things_leave_a_batch_to_be_read_again() -> None:
    backlog = Backlog()
    backlog.add(batch_changed("a", 1))
    for frame_idx in range(MAX_BACKLOG_EVENTS):
        backlog.add(saved(frame_idx))
    backlog.add(batch_changed("a", 2))
    resync, batch = drained(backlog)

    assert resync.name == EventName.RESYNC
    assert batch.data == {"batch_id": "a", "items": None}


def test_progress_of_a_job_is_sent_once() -> None:
    backlog = Backlog()
    for done in range(50):
        data = {"job_id": "j", "done": done, "frame_idx": done}
        backlog.add(Event(EventName.JOB_PROGRESS, data, "clip"))

    assert [event.data["done"] for event in drained(backlog)] == [49]


def test_too_many_things_become_one_resync() -> None:
    backlog = Backlog()
    for frame_idx in range(MAX_BACKLOG_EVENTS * 3):
        backlog.add(saved(frame_idx))

    assert drained(backlog) == [Event(EventName.RESYNC, {"video_id": "clip"}, "clip")]


def test_too_many_bytes_become_one_resync() -> None:
    backlog = Backlog()
    for frame_idx in range(12):
        backlog.add(saved(frame_idx, png=b"x" * 200_000))

    assert [event.name for event in drained(backlog)] == [EventName.RESYNC]


def test_a_client_that_catches_up_gets_its_backlog_in_order() -> None:
    length = SLOW_QUEUE_LENGTH
    sent: list[Event] = []
    outbox = Outbox(lambda _, events: sent.extend(events), lambda _: length)
    for frame_idx in range(5):
        outbox.deliver(["sid"], [saved(frame_idx)])
    assert sent == []

    length = 0
    until(lambda: len(sent) == 5)
    outbox.deliver(["sid"], [saved(99)])

    assert [event.data["frame_idx"] for event in sent] == [0, 1, 2, 3, 4, 99]


def test_a_client_that_has_left_gets_no_backlog() -> None:
    length: int | None = SLOW_QUEUE_LENGTH
    sent: list[Event] = []
    outbox = Outbox(lambda _, events: sent.extend(events), lambda _: length)
    outbox.deliver(["sid"], [saved(1)])

    length = None
    until(lambda: not outbox._backlogs)

    assert sent == []


def test_a_client_found_dead_while_sending_is_forgotten() -> None:
    outbox = Outbox(lambda sids, _: outbox.forget(sids[0]), lambda _: 0)

    outbox.deliver(["sid"], [saved(1)])
    outbox.deliver(["sid"], [saved(2)])

    assert outbox._backlogs == {}
