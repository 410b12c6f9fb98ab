"""Table of the clients that opened a video, with the names of the people behind them."""

from __future__ import annotations

from sam2_session.core.clients import Client
from sam2_session.storage.database import Transaction


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
