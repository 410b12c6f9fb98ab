"""Knows the gateway of each client: when a gateway has gone, its clients have left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sam2_session.runtime import Lock

OPENS, LEAVES = "apply_op", "client_left"


class GatewayClients:
    """Clients by socket id, for any thread."""

    def __init__(self) -> None:
        self._gateways: dict[str, str] = {}  # by sid: the one it was heard through last
        self._lock = Lock()

    def note(self, gateway: str, operation: str, params: Mapping[str, Any]) -> None:
        """Take in a call of a client."""
        sid = params.get("sid")
        if not isinstance(sid, str):
            return
        with self._lock:
            if operation == OPENS:
                self._gateways[sid] = gateway
            elif operation == LEAVES:
                self._gateways.pop(sid, None)

    def take_of(self, gateway: str) -> list[str]:
        """Forget the clients of a gateway, and return them."""
        with self._lock:
            sids = [sid for sid, through in self._gateways.items() if through == gateway]
            for sid in sids:
                del self._gateways[sid]
        return sids
