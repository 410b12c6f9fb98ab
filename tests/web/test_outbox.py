"""What a slow reader is owed."""

from __future__ import annotations

import time
from collections.abc import Callable

from sam2_session.core.events import Event, EventName
from sam2_session.web.outbox import MAX_OWED, WINDOW_MESSAGES, Debt, Outbox


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


def paid(debt: Debt) -> list[Event]:
    return list(iter(debt.take, None))


def test_a_newer_fact_about_the_same_frame_replaces_the_older() -> None:
    debt = Debt()
    for event in (saved(1, rev=1), saved(2), saved(1, rev=2)):
        debt.add(event)

    assert paid(debt) == [saved(2), saved(1, rev=2)]


def test_no_approval_replaces_another() -> None:
    key = {"instance_id": 1, "region": "a"}
    events = [Event(EventName.MASKS_APPROVED, {"key": key, "rev": rev}, "clip") for rev in (1, 2)]
    debt = Debt()
    for event in events:
        debt.add(event)

    assert paid(debt) == events


def test_progress_of_a_job_is_owed_once() -> None:
    debt = Debt()
    for done in range(50):
        data = {"job_id": "j", "done": done, "frame_idx": done}
        debt.add(Event(EventName.JOB_PROGRESS, data, "clip"))

    assert [event.data["done"] for event in paid(debt)] == [49]


def test_too_many_things_become_one_resync() -> None:
    debt = Debt()
    for frame_idx in range(MAX_OWED * 3):
        debt.add(saved(frame_idx))

    assert paid(debt) == [Event(EventName.RESYNC, {"video_id": "clip"}, "clip")]


def test_too_many_bytes_become_one_resync() -> None:
    debt = Debt()
    for frame_idx in range(12):
        debt.add(saved(frame_idx, png=b"x" * 200_000))

    assert [event.name for event in paid(debt)] == [EventName.RESYNC]


def test_a_reader_that_catches_up_gets_what_it_is_owed_in_order() -> None:
    length = WINDOW_MESSAGES
    sent: list[int] = []
    outbox = Outbox(lambda _, event: sent.append(event.data["frame_idx"]), lambda _: length)
    for frame_idx in range(5):
        outbox.deliver("sid", saved(frame_idx))
    assert sent == []

    length = 0
    until(lambda: len(sent) == 5)
    outbox.deliver("sid", saved(99))

    assert sent == [0, 1, 2, 3, 4, 99]


def test_nobody_owes_a_client_that_has_gone() -> None:
    length: int | None = WINDOW_MESSAGES
    sent: list[Event] = []
    outbox = Outbox(lambda _, event: sent.append(event), lambda _: length)
    outbox.deliver("sid", saved(1))

    length = None
    until(lambda: not outbox._debts)

    assert sent == []


def test_a_client_found_dead_while_sending_is_forgotten() -> None:
    outbox = Outbox(lambda sid, _: outbox.forget(sid), lambda _: 0)

    outbox.deliver("sid", saved(1))
    outbox.deliver("sid", saved(2))

    assert outbox._debts == {}
