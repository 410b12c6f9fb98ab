"""Runs the services in this process, for the command line, tests and notebooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sam2_session.core.errors import HostUnavailable
from sam2_session.core.events import Listener
from sam2_session.hosts.base import HostHealth, Services
from sam2_session.hosts.worker import run_operation
from sam2_session.loops import LOOPS


class InlineHost:
    """A `Host` that calls the services in the caller's thread; events come in the publisher's."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._closed = False

    def call(self, operation: str, /, **params: Any) -> Any:
        if self._closed:
            raise HostUnavailable("The services are closed.")
        return run_operation(self._services, operation, params)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._services.bus.subscribe(listener)

    def health(self) -> HostHealth:
        return HostHealth("closed" if self._closed else "ready", stuck=LOOPS.stuck())

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._services.close()
