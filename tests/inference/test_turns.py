"""The order in which waiting things go."""

from __future__ import annotations

from sam2_session.inference.turns import Turns


def drained(turns: Turns[str]) -> list[str]:
    taken = []
    while (thing := turns.take(9)) is not None:
        taken.append(thing)
    return taken


def test_the_most_urgent_goes_first() -> None:
    turns: Turns[str] = Turns()
    for priority, thing in [(2, "step"), (0, "click"), (3, "batch"), (1, "look")]:
        turns.put(priority, None, thing)

    assert drained(turns) == ["click", "look", "step", "batch"]


def test_without_owners_the_order_is_that_of_arrival() -> None:
    turns: Turns[str] = Turns()
    for thing in "abc":
        turns.put(0, None, thing)

    assert drained(turns) == ["a", "b", "c"]


def test_owners_take_turns_and_keep_their_own_order() -> None:
    turns: Turns[str] = Turns()
    for owner, thing in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")]:
        turns.put(0, owner, thing)
    turns.put(0, "b", "b2")

    assert drained(turns) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_who_was_served_goes_behind_those_who_wait() -> None:
    turns: Turns[str] = Turns()
    turns.put(0, "a", "a1")
    turns.put(0, "a", "a2")
    turns.put(0, "b", "b1")
    first = turns.take(9)
    turns.put(0, "c", "c1")

    assert [first, *drained(turns)] == ["a1", "b1", "a2", "c1"]


def test_listing_tells_the_order_without_changing_it() -> None:
    turns: Turns[str] = Turns()
    for priority, owner, thing in [(1, "a", "l"), (0, "a", "a1"), (0, "a", "a2"), (0, "b", "b1")]:
        turns.put(priority, owner, thing)

    listed = list(turns)

    assert listed == ["a1", "b1", "a2", "l"]
    assert len(turns) == 4
    assert drained(turns) == listed


def test_nothing_less_urgent_than_asked_for_is_taken() -> None:
    turns: Turns[str] = Turns()
    turns.put(4, None, "idle")

    assert turns.take(3) is None
    assert turns.take(4) == "idle"
