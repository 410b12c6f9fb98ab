"""The Ray actor of one device: runs services in its process, and answers gateways.

Clicks have threads of their own, as in the session process, so none waits behind other calls.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import Any

import ray

from sam2_session.cluster.event_feed import EventFeed, WireEvent
from sam2_session.cluster.gateway_clients import LEAVES, GatewayClients
from sam2_session.core.errors import SessionError, VideoElsewhere, error_fields
from sam2_session.hosts.base import Services, load_factory
from sam2_session.hosts.worker import INTERACTIVE_THREADS, OTHER_THREADS, run_operation
from sam2_session.loops import Loop
from sam2_session.runtime import Signal
from sam2_session.settings import Settings

GATEWAYS = 64  # so many may fetch events at once
CONTROL_THREADS = 8
LOOK_S = 5.0  # between two looks after gateways that have gone

Reply = dict[
    str, Any
]  # {value}, {error} or {elsewhere}, and `events`: how many the caller gets before


class SessionActor:
    """Carries calls to the services of one member, and their events to the gateways."""

    def __init__(self, factory: str, settings: dict[str, Any]) -> None:
        read = Settings.from_wire(settings)
        logging.basicConfig(
            level=read.log_level.upper(),
            stream=sys.stderr,
            format="%(levelname)s %(name)s: %(message)s",
        )
        self._feed = EventFeed()
        self._services: Services = load_factory(factory)(read)
        self._services.bus.subscribe(self._feed.publish)
        self._clients = GatewayClients()
        self._closing = Signal()
        self._loop = Loop(self._end_gone, name="gone-gateways")

    @ray.method(concurrency_group="interactive")
    def click(self, gateway: str, operation: str, params: dict[str, Any]) -> Reply:
        """Run an operation that a person waits for."""
        return self._run(gateway, operation, params)

    @ray.method(concurrency_group="other")
    def handle(self, gateway: str, operation: str, params: dict[str, Any]) -> Reply:
        """Run any other operation."""
        return self._run(gateway, operation, params)

    @ray.method(concurrency_group="events")
    def fetch(self, gateway: str, after: int) -> tuple[str, int, list[WireEvent]]:
        """Return the events that follow `after`; see `EventFeed.fetch`."""
        return self._feed.fetch(gateway, after)

    @ray.method(concurrency_group="control")
    def control(self, name: str, params: dict[str, Any]) -> Any:
        """Do what a gateway wants of a member; services without such a thing do nothing."""
        control = getattr(self._services, "control", None)
        try:
            return {"value": control(name, params) if control else {}}
        except VideoElsewhere as error:
            return {"elsewhere": error.video_id}
        except SessionError as error:
            return {"error": error_fields(error)}

    @ray.method(concurrency_group="control")
    def close(self) -> None:
        """End the services: everything acknowledged is on disk."""
        self._closing.set()
        self._loop.join()
        self._services.close()

    def _end_gone(self) -> bool:
        """Let the clients of gateways that have gone leave: nobody else says that they did."""
        if self._closing.wait(LOOK_S):
            return False
        for gateway in self._feed.take_gone():
            for sid in self._clients.take_of(gateway):
                with suppress(SessionError):
                    run_operation(self._services, LEAVES, {"sid": sid})
        return True

    def _run(self, gateway: str, operation: str, params: dict[str, Any]) -> Reply:
        self._clients.note(gateway, operation, params)
        try:
            reply: Reply = {"value": run_operation(self._services, operation, params)}
        except VideoElsewhere as error:
            reply = {"elsewhere": error.video_id}
        except SessionError as error:
            reply = {"error": error_fields(error)}
        return {**reply, "events": self._feed.newest(gateway)}


def actor_class() -> Any:
    """Return the class to start actors of."""
    groups = {
        "interactive": INTERACTIVE_THREADS,
        "other": OTHER_THREADS,
        "events": GATEWAYS,
        "control": CONTROL_THREADS,
    }
    remote: Any = ray.remote  # its types know no groups
    return remote(concurrency_groups=groups)(SessionActor)
