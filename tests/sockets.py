"""Socket.IO clients that hear what the server says in the order in which it said it."""

from __future__ import annotations

from typing import Any

import engineio
import socketio


class _InTurn(engineio.Client):  # type: ignore[misc]  # it has no types
    """Handles messages one by one; the library gives each a thread, where they overtake."""

    def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        return super()._trigger_event(event, *args, **{**kwargs, "run_async": False})


class Client(socketio.Client):  # type: ignore[misc]
    """A client whose handlers must not wait for an answer."""

    def _engineio_client_class(self) -> type[engineio.Client]:
        return _InTurn


class SimpleClient(socketio.SimpleClient):  # type: ignore[misc]
    """The same for those who receive events one at a time."""

    client_class = Client
