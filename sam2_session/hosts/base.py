"""Declares how callers (web, command line, tests) reach the services, wherever these run."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sam2_session.core.events import EventBus, Listener
from sam2_session.settings import Settings

DEFAULT_FACTORY = "sam2_session.services.build:build_services"
GATEWAY_FACTORY = "sam2_session.cluster.gateway:build_gateway"  # of --engine ray


@dataclass(frozen=True, slots=True)
class HostHealth:
    """The state of a host: starting, ready, restarting or closed; and why, in `detail`."""

    state: str
    detail: str = ""
    restarts: int = 0
    stuck: tuple[str, ...] = ()  # loops that fail again and again

    def to_wire(self) -> dict[str, Any]:
        """Convert to the data of `host_state`."""
        return {"state": self.state, "detail": self.detail, "restarts": self.restarts}


class Host(Protocol):
    """Runs the services, in this process or in another; callers need not know in which.

    `call` runs one operation by its name and returns its result: JSON values and bytes. It raises
    `SessionError` (from another process: `RemoteError` with the same code, status and hint), and
    `HostUnavailable` while the services are down.
    """

    def call(self, operation: str, /, **params: Any) -> Any: ...

    def subscribe(self, listener: Listener) -> Callable[[], None]: ...

    def health(self) -> HostHealth: ...

    def close(self) -> None: ...


class Services(Protocol):
    """The services a host runs: operations to call, and the bus that announces their events."""

    @property
    def bus(self) -> EventBus: ...

    def handle(self, operation: str, params: dict[str, Any]) -> Any: ...

    def close(self) -> None: ...


ServicesFactory = Callable[[Settings], Services]


def load_factory(path: str) -> ServicesFactory:
    """Import the function named ``package.module:name``."""
    module, _, name = path.partition(":")
    return cast(ServicesFactory, getattr(importlib.import_module(module), name))
