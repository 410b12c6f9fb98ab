"""Keeps the events of a member for each gateway until that has fetched them."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.events import Event, EventName
from sam2_session.runtime import Condition, monotonic

MAX_WAITING = 4096  # events; beyond these publishers wait for the gateway
MAX_FETCHED = 256  # events at once
ABANDONED_S = 15.0  # a gateway that fetched nothing for so long has gone
POLL_S = 1.0

WireEvent = tuple[str, dict[str, Any], str | None, str | None]


@dataclass(slots=True)
class _Subscriber:
    edition: str = field(default_factory=lambda: secrets.token_hex(8))
    events: deque[WireEvent] = field(default_factory=deque)
    fetched: int = 0  # number of the last event that was taken out of `events`
    seen_s: float = field(default_factory=monotonic)

    @property
    def newest(self) -> int:
        return self.fetched + len(self.events)

    def has_space(self) -> bool:
        """Return whether another event fits, or nobody fetches them any more."""
        return len(self.events) < MAX_WAITING or _has_gone(self)


class EventFeed:
    """A queue for each gateway; the events of one are numbered from 1, without gaps.

    An `edition` names a queue: a gateway that gets another one than before has missed events.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._subscribers: dict[str, _Subscriber] = {}
        self._gone: list[str] = []  # gateways that left, not yet announced

    def publish(self, event: Event) -> None:
        """Queue an event for every gateway; waits while one that is there fetches too slowly."""
        wire = (event.name.value, event.data, event.video_id, event.to)
        with self._changed:
            for gateway, subscriber in list(self._subscribers.items()):
                self._changed.wait_for(subscriber.has_space, ABANDONED_S)
                if _has_gone(subscriber):
                    self._drop(gateway)
                else:
                    subscriber.events.append(wire)
            self._changed.notify_all()

    def take_gone(self) -> list[str]:
        """Return the gateways that have gone since the last call."""
        with self._changed:
            for gateway, subscriber in list(self._subscribers.items()):
                if _has_gone(subscriber):
                    self._drop(gateway)
            gone, self._gone = self._gone, []
            return gone

    def newest(self, gateway: str) -> int:
        """Return the number of the newest event for a gateway."""
        with self._changed:
            subscriber = self._subscribers.get(gateway)
            return subscriber.newest if subscriber else 0

    def fetch(self, gateway: str, after: int) -> tuple[str, int, list[WireEvent]]:
        """Return edition, number of the first event, and the events that follow `after`.

        Waits a moment for the first of them. Those up to `after` are forgotten.
        """
        with self._changed:
            subscriber = self._subscribers.setdefault(gateway, _Subscriber())
            subscriber.seen_s = monotonic()
            while subscriber.events and subscriber.fetched < after:
                subscriber.events.popleft()
                subscriber.fetched += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: bool(subscriber.events), POLL_S)
            subscriber.seen_s = monotonic()
            events = [
                event for event, _ in zip(subscriber.events, range(MAX_FETCHED), strict=False)
            ]
            return subscriber.edition, subscriber.fetched + 1, events

    def _drop(self, gateway: str) -> None:
        if self._subscribers.pop(gateway, None) is not None:
            self._gone.append(gateway)


def event_of(wire: WireEvent) -> Event:
    """Make the event again."""
    name, data, video_id, to = wire
    return Event(EventName(name), data, video_id, to)


def _has_gone(subscriber: _Subscriber) -> bool:
    return monotonic() - subscriber.seen_s > ABANDONED_S
