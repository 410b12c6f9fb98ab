"""Table of the clients that opened a video, with the names of the people behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sam2_session.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Client:
    """A client and its person; the clients of one browser belong to one person.

    `person_id` and `name` are empty where the client did not give them.
    """

    client_id: str
    person_id: str = ""
    name: str = ""

    def is_person_of(self, other: Client) -> bool:
        """Whether both clients belong to the same person."""
        same_browser = self.person_id != "" and self.person_id == other.person_id
        return self.client_id == other.client_id or same_browser

    @property
    def shown_name(self) -> str:
        """Return the name for a sentence; ``Somebody else`` without one."""
        return self.name or "Somebody else"

    def to_wire(self) -> dict[str, Any]:
        """Return ``{client_id, person_id, name}``."""
        return {"client_id": self.client_id, "person_id": self.person_id, "name": self.name}


def read_client(tx: Transaction, client_id: str) -> Client:
    """Read a client; one that never opened the video has neither person nor name."""
    row = tx.execute(
        "SELECT person_id, name FROM clients WHERE client_id = ?", (client_id,)
    ).fetchone()
    return Client(client_id, *row) if row else Client(client_id)


def save_client(tx: Transaction, client: Client) -> None:
    """Save a client's person and name."""
    tx.execute(
        "INSERT OR REPLACE INTO clients VALUES (?, ?, ?)",
        (client.client_id, client.person_id, client.name),
    )
