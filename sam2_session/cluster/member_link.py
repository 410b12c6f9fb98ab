"""A gateway's link to one member: sends calls, receives events, notices when it is gone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayError

from sam2_session.cluster.event_feed import event_of
from sam2_session.core.errors import HostUnavailable, RemoteError, VideoElsewhere
from sam2_session.core.events import Listener
from sam2_session.hosts.worker import INTERACTIVE_OPERATIONS
from sam2_session.loops import Loop
from sam2_session.runtime import Condition, Signal, monotonic

SILENT_S = 6.0  # after this without an answer, even to a request for events, a member is silent
CHECK_S = 0.5
RETRY_S = 0.2
EVENTS_S = 10.0  # the longest wait for the events that belong before an answer

log = logging.getLogger(__name__)


class MemberLost(HostUnavailable):
    """The member died, or is silent; what it acknowledged is on disk."""


class MemberLink:
    """Calls from any thread; events are published in the order of the member's."""

    def __init__(
        self,
        name: str,
        actor: Any,
        gateway: str,
        publish: Listener,
        on_gap: Callable[[MemberLink], None],
    ) -> None:
        self.name = name
        self.figures: dict[str, Any] = {}
        self._actor = actor
        self._gateway = gateway
        self._publish = publish
        self._on_gap = on_gap
        self._edition = ""
        self._published = 0
        self._changed = Condition()
        self._heard_s: float | None = None  # time of its last answer; None until it is up
        self._closing = Signal()
        self._loop = Loop(self._fetch, name=f"events of {name}")

    @property
    def is_up(self) -> bool:
        """Return whether the member answers."""
        heard_s = self._heard_s
        return heard_s is not None and monotonic() - heard_s < SILENT_S

    @property
    def is_open(self) -> bool:
        """Return whether videos may be placed there."""
        return self.is_up and not self.figures.get("draining", False)

    def call(self, operation: str, params: dict[str, Any]) -> Any:
        """Run an operation. Raises `RemoteError`, `MemberLost`, or `VideoElsewhere`."""
        method = self._actor.click if operation in INTERACTIVE_OPERATIONS else self._actor.handle
        reply = self._answer(method.remote(self._gateway, operation, params))
        self._wait_for_events(reply["events"])
        return _value_of(reply)

    def control(self, name: str, **params: Any) -> Any:
        """Do what `Member.control` does; raises what `call` does."""
        return _value_of(self._answer(self._actor.control.remote(name, params)))

    def end(self) -> None:
        """End a member that is silent; Ray starts it again."""
        ray.kill(self._actor, no_restart=False)

    def close(self) -> None:
        """Receive no more events."""
        self._closing.set()
        self._loop.join()

    def _answer(self, reference: Any) -> Any:
        while True:
            try:
                return ray.get(reference, timeout=CHECK_S)
            except GetTimeoutError:
                if self._closing.is_set() or (self._heard_s is not None and not self.is_up):
                    raise MemberLost(f"{self.name} does not answer.") from None
            except RayError as error:
                self._heard_s = None
                raise MemberLost(f"{self.name} has ended.") from error

    def _wait_for_events(self, number: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._published >= number, EVENTS_S)

    def _fetch(self) -> bool:
        if self._closing.is_set():
            return False
        reference = self._actor.fetch.remote(self._gateway, self._published)
        try:
            edition, first, events = self._wait_for_fetch(reference)
        except RayError as error:
            log.warning("%s: no events: %s", self.name, type(error).__name__)
            self._heard_s = None
            return not self._closing.wait(RETRY_S)
        if self._closing.is_set():
            return False
        if edition != self._edition:
            self._start_over(edition)
        self._heard_s = monotonic()
        for number, wire in enumerate(events, start=first):
            if number > self._published:
                self._publish(event_of(wire))
                self._note(number)
        return True

    def _wait_for_fetch(self, reference: Any) -> Any:
        while not self._closing.is_set():
            try:
                return ray.get(reference, timeout=CHECK_S)
            except GetTimeoutError:
                continue
        return "", 1, []

    def _start_over(self, edition: str) -> None:
        """Begin with another queue of events: those between the two are lost."""
        is_first = not self._edition
        self._edition = edition
        self.figures = {**self.figures, "home": False}  # of another process, maybe
        self._note(0)
        if not is_first:
            self._on_gap(self)

    def _note(self, number: int) -> None:
        with self._changed:
            self._published = number
            self._changed.notify_all()


def _value_of(reply: dict[str, Any]) -> Any:
    if "elsewhere" in reply:
        raise VideoElsewhere(reply["elsewhere"], "")
    if "error" in reply:
        raise RemoteError(**reply["error"])
    return reply["value"]
