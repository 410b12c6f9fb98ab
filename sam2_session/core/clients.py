"""A client of the server, and the person behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Client:
    """A client and its person; the clients of one browser belong to one person.

    `person_id` and `name` are empty where the client did not give them.
    """

    client_id: str
    person_id: str = ""
    name: str = ""

    def is_person_of(self, other: Client) -> bool:
        """Return whether both clients belong to the same person."""
        same_browser = self.person_id != "" and self.person_id == other.person_id
        return self.client_id == other.client_id or same_browser

    @property
    def shown_name(self) -> str:
        """Return the name for a sentence; ``Somebody else`` without one."""
        return self.name or "Somebody else"

    def to_wire(self) -> dict[str, Any]:
        """Return ``{client_id, person_id, name}``."""
        return {"client_id": self.client_id, "person_id": self.person_id, "name": self.name}
