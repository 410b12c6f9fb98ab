"""Events reach every listener, whatever another one does."""

from __future__ import annotations

from sam2_session.core.events import Event, EventBus, EventName

EVENT = Event(EventName.JOB_ENDED)


def fail(_: Event) -> None:
    raise RuntimeError("a listener's fault")


def test_every_listener_hears_every_event_once() -> None:
    bus, heard, also_heard = EventBus(), list[Event](), list[Event]()
    bus.subscribe(heard.append)
    bus.subscribe(also_heard.append)

    bus.publish(EVENT)

    assert heard == also_heard == [EVENT]
    assert bus.errors == 0


def test_a_listener_that_fails_is_counted_and_harms_no_other() -> None:
    bus, heard = EventBus(), list[Event]()
    bus.subscribe(fail)
    bus.subscribe(heard.append)

    for _ in range(2):
        bus.publish(EVENT)

    assert (heard, bus.errors) == ([EVENT, EVENT], 2)


def test_only_the_listener_that_leaves_hears_no_more() -> None:
    bus, heard, also_heard = EventBus(), list[Event](), list[Event]()
    leave = bus.subscribe(heard.append)
    bus.subscribe(also_heard.append)

    leave()
    bus.publish(EVENT)

    assert (heard, also_heard) == ([], [EVENT])
