"""A gateway gets every event once and in order; one that has gone keeps nobody waiting."""

from __future__ import annotations

import pytest

from sam2_session.cluster import event_feed
from sam2_session.cluster.event_feed import EventFeed, event_of
from sam2_session.cluster.gateway_clients import GatewayClients
from sam2_session.core.events import Event, EventName


def event(rev: int) -> Event:
    return Event(EventName.MASK, {"rev": rev}, "clip", "sid")


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> EventFeed:
    monkeypatch.setattr(event_feed, "POLL_S", 0.0)
    return EventFeed()


def test_events_are_fetched_in_order_and_again_until_they_are_confirmed(feed: EventFeed) -> None:
    edition, _, _ = feed.fetch("g", 0)
    for rev in range(3):
        feed.publish(event(rev))

    assert feed.newest("g") == 3
    first = feed.fetch("g", 0)
    assert feed.fetch("g", 0) == first == (edition, 1, [_wire(rev) for rev in range(3)])
    assert feed.fetch("g", 2) == (edition, 3, [_wire(2)])
    assert event_of(_wire(2)) == event(2)


def test_who_never_fetched_gets_nothing_kept(feed: EventFeed) -> None:
    feed.publish(event(0))

    assert feed.newest("g") == 0
    assert feed.fetch("g", 0)[1:] == (1, [])


def test_a_gateway_that_has_gone_starts_anew(
    feed: EventFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _, _ = feed.fetch("g", 0)
    monkeypatch.setattr(event_feed, "ABANDONED_S", -1.0)
    feed.publish(event(0))

    after, first, events = feed.fetch("g", 0)

    assert after != before
    assert (first, events) == (1, [])


def test_the_clients_of_a_gateway_that_has_gone_are_known(
    feed: EventFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = GatewayClients()
    for gateway, sid in [("g", "a"), ("g", "b"), ("g", "c"), ("h", "b")]:
        feed.fetch(gateway, 0)
        clients.note(gateway, "apply_op", {"event": "open_video", "sid": sid})
    clients.note("g", "client_left", {"sid": "c"})
    assert feed.take_gone() == []

    monkeypatch.setattr(event_feed, "ABANDONED_S", -1.0)
    feed.publish(event(0))

    assert feed.take_gone() == ["g", "h"]
    assert feed.take_gone() == []
    assert clients.take_of("g") == ["a"]
    assert clients.take_of("g") == []


def _wire(rev: int) -> event_feed.WireEvent:
    return ("mask", {"rev": rev}, "clip", "sid")
