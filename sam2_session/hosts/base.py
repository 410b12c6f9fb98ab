"""The one protocol between a door (web, tests) and the services."""

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
    """How the host is: `state` is starting, ready, restarting or closed."""

    state: str
    detail: str = ""
    restarts: int = 0

    def to_wire(self) -> dict[str, Any]:
        """As `host_state` carries it."""
        return {"state": self.state, "detail": self.detail, "restarts": self.restarts}


class Host(Protocol):
    """Runs the services somewhere. Callers never ask where.

    `call` answers what `services.verbs` answers for the verb: JSON values and bytes. It raises
    `SessionError` (over a process border: `RemoteError` with the same code, status and hint), and
    `HostUnavailable` while the services are away.
    """

    def call(self, verb: str, /, **params: Any) -> Any: ...

    def subscribe(self, listener: Listener) -> Callable[[], None]: ...

    def health(self) -> HostHealth: ...

    def close(self) -> None: ...


class Services(Protocol):
    """What a host runs: the verbs, and the bus on which they announce facts."""

    @property
    def bus(self) -> EventBus: ...

    def handle(self, verb: str, params: dict[str, Any]) -> Any: ...

    def close(self) -> None: ...


ServicesFactory = Callable[[Settings], Services]


def load_factory(path: str) -> ServicesFactory:
    """The function behind ``package.module:name``."""
    module, _, name = path.partition(":")
    return cast(ServicesFactory, getattr(importlib.import_module(module), name))
