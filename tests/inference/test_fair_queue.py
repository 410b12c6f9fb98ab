"""The order in which queued items are taken."""

from __future__ import annotations

from sam2_session.inference.fair_queue import FairQueue


def drained(queue: FairQueue[str]) -> list[str]:
    taken = []
    while (item := queue.take(9)) is not None:
        taken.append(item)
    return taken


def test_the_most_urgent_goes_first() -> None:
    queue: FairQueue[str] = FairQueue()
    for priority, item in [(2, "step"), (0, "click"), (3, "batch"), (1, "look")]:
        queue.put(priority, None, item)

    assert drained(queue) == ["click", "look", "step", "batch"]


def test_without_owners_the_order_is_that_of_arrival() -> None:
    queue: FairQueue[str] = FairQueue()
    for item in "abc":
        queue.put(0, None, item)

    assert drained(queue) == ["a", "b", "c"]


def test_owners_are_served_in_rotation_and_keep_their_own_order() -> None:
    queue: FairQueue[str] = FairQueue()
    for owner, item in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")]:
        queue.put(0, owner, item)
    queue.put(0, "b", "b2")

    assert drained(queue) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_who_was_served_goes_behind_those_who_wait() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put(0, "a", "a1")
    queue.put(0, "a", "a2")
    queue.put(0, "b", "b1")
    first = queue.take(9)
    queue.put(0, "c", "c1")

    assert [first, *drained(queue)] == ["a1", "b1", "a2", "c1"]


def test_what_is_dropped_costs_its_owner_no_turn() -> None:
    queue: FairQueue[str] = FairQueue()
    for owner, item in [("a", "a1"), ("b", "b1"), ("a", "a2")]:
        queue.put(0, owner, item)

    queue.drop("a1")
    queue.drop("b1")
    queue.drop("no such")
    queue.put(0, "b", "b2")

    assert drained(queue) == ["a2", "b2"]


def test_listing_tells_the_order_without_changing_it() -> None:
    queue: FairQueue[str] = FairQueue()
    for priority, owner, item in [(1, "a", "l"), (0, "a", "a1"), (0, "a", "a2"), (0, "b", "b1")]:
        queue.put(priority, owner, item)

    listed = list(queue)

    assert listed == ["a1", "b1", "a2", "l"]
    assert len(queue) == 4
    assert drained(queue) == listed


def test_nothing_less_urgent_than_asked_for_is_taken() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put(4, None, "idle")

    assert queue.take(3) is None
    assert queue.take(4) == "idle"


def test_an_owner_with_passes_has_its_turn_later_and_is_never_left_out() -> None:
    queue: FairQueue[str] = FairQueue()
    for number in range(1, 5):
        queue.put(0, "a", f"a{number}")
        queue.put(0, "b", f"b{number}")
    queue.put(0, "c", "c1")

    assert queue.weigh({"a": 2})
    assert not queue.weigh({"a": 2})
    listed = list(queue)

    assert listed == ["b1", "c1", "b2", "a1", "b3", "b4", "a2", "a3", "a4"]
    assert drained(queue) == listed


def test_passes_are_of_no_effect_alone_or_once_they_are_over() -> None:
    queue: FairQueue[str] = FairQueue()
    for owner, item in [("a", "a1"), ("a", "a2"), ("b", "b1")]:
        queue.put(0, owner, item)
    queue.weigh({"a": 5})
    first = queue.take(9)
    queue.put(0, "b", "b2")

    queue.weigh({})

    assert [first, *drained(queue)] == ["b1", "a1", "b2", "a2"]
