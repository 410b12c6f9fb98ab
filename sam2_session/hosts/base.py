"""The protocol between callers (web, command line, tests) and the services."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sam2_session.core.events import EventBus, Listener
from sam2_session.settings import Settings

DEFAULT_FACTORY = "sam2_session.services.build:build_services"


@dataclass(frozen=True, slots=True)
class HostHealth:
    """State of a host: `state` is starting, ready, restarting or closed."""

    state: str
    detail: str = ""
    restarts: int = 0

    def to_wire(self) -> dict[str, Any]:
        """Convert to the data of `host_state`."""
        return {"state": self.state, "detail": self.detail, "restarts": self.restarts}


class Host(Protocol):
    """Runs the services, in this process or elsewhere; callers need not know where.

    `call` returns the result of the verb: JSON values and bytes. It raises `SessionError` (from
    another process: `RemoteError` with the same code, status and hint), and `HostUnavailable` while
    the services are down.
    """

    def call(self, verb: str, /, **params: Any) -> Any: ...

    def subscribe(self, listener: Listener) -> Callable[[], None]: ...

    def health(self) -> HostHealth: ...

    def close(self) -> None: ...


class Services(Protocol):
    """The services a host runs: verbs to call, and a bus of the events they announce."""

    @property
    def bus(self) -> EventBus: ...

    def handle(self, verb: str, params: dict[str, Any]) -> Any: ...

    def close(self) -> None: ...


ServicesFactory = Callable[[Settings], Services]


def load_factory(path: str) -> ServicesFactory:
    """Import the function named ``package.module:name``."""
    module, _, name = path.partition(":")
    return cast(ServicesFactory, getattr(importlib.import_module(module), name))
