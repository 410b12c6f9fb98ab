"""The one protocol between a door (web, tests) and the services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sam2_session.core.events import Listener


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
