"""Lets connections in: few slots for strangers, shared among addresses, the rest for the token.

Who has not shown the token yet is a stranger. A stranger that comes while all their slots are taken
takes the place of another: of the address with the most, and there of the one that has waited
longest for a head. So slow connections never keep a quick one out, and never touch a member.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from sam2_session.core.errors import ServerBusy
from sam2_session.runtime import Lock, Socket
from sam2_session.web.connection import Connection, Peer

MAX_STRANGERS = 96

WrapPeer = Callable[[Socket], Peer]


class Doorway:
    """Every open connection of a server."""

    def __init__(self, max_strangers: int = MAX_STRANGERS, max_members: int = 320) -> None:
        self._max_strangers = max_strangers
        self._max_members = max_members
        self._lock = Lock()
        self._open: set[Connection] = set()

    def let_in(self, connection: Connection) -> None:
        """Take a new connection in, as a stranger; ends another one if there are too many."""
        with self._lock:
            strangers = [known for known in self._open if not known.is_member]
            if len(strangers) >= self._max_strangers:
                self._end(_longest(_of_busiest_address(strangers)))
            self._open.add(connection)

    def admit(self, connection: Connection) -> None:
        """Make a stranger a member. Raises ServerBusy if every member is being answered."""
        with self._lock:
            if connection.is_member:
                return
            members = [known for known in self._open if known.is_member]
            if len(members) >= self._max_members:
                waiting = [known for known in members if known.is_waiting]
                if not waiting:
                    raise ServerBusy(
                        f"{self._max_members} connections are open, as many as allowed.",
                        hint="Close a page.",
                    )
                self._end(_longest(waiting))
            connection.is_member = True

    def forget(self, connection: Connection) -> None:
        """Give the slot of a closed connection back."""
        with self._lock:
            self._open.discard(connection)

    def _end(self, connection: Connection) -> None:
        self._open.discard(connection)
        connection.end()


class DoorwayListener:
    """Stands in for a listening socket: what it accepts are connections."""

    def __init__(self, listener: Socket, doorway: Doorway, wrap: WrapPeer | None = None) -> None:
        self._listener = listener
        self._doorway = doorway
        self._wrap = wrap

    def accept(self) -> tuple[Connection, Any]:
        """Accept a connection, and its client's address. Raises OSError."""
        peer, address = self._listener.accept()
        wrapped = self._wrap(peer) if self._wrap else peer
        connection = Connection(wrapped, str(address[0]), self._doorway)
        self._doorway.let_in(connection)
        return connection, address

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)


def _of_busiest_address(connections: list[Connection]) -> list[Connection]:
    [(address, _)] = Counter(known.address for known in connections).most_common(1)
    return [known for known in connections if known.address == address]


def _longest(connections: Iterable[Connection]) -> Connection:
    """The one that waits for a head the longest, or else is answered the longest."""
    return min(connections, key=lambda known: (not known.is_waiting, known.since_s))
