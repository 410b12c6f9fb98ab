"""Tells who changed what in a video, and which runs there were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sam2_session.services.propagation.run_job import KIND as RUN
from sam2_session.storage.client_rows import read_client
from sam2_session.storage.database import Transaction
from sam2_session.storage.history_rows import ChangesOfClient, changes_by_client
from sam2_session.storage.job_rows import JobRow, list_jobs


@dataclass(frozen=True, slots=True)
class Deeds:
    """The changes of one person or of scripts; times in seconds since 1970."""

    who: str
    changes: int
    undone: int
    frames: int
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class RunDone:
    """One run, by whom and with what."""

    when_s: float
    who: str
    pairs: Sequence[str]
    frames: str
    direction: str
    state: str
    made: int | None
    kept: int | None
    network: str


def read_deeds(tx: Transaction) -> list[Deeds]:
    """List the changes by who made them, most first; the clients of one person are one row."""
    found: dict[tuple[str, str], list[ChangesOfClient]] = {}
    for row in changes_by_client(tx):
        found.setdefault(_person(tx, row.client_id), []).append(row)
    rows = [_joined(name, parts) for (_, name), parts in found.items()]
    return sorted(rows, key=lambda row: -row.changes)


def read_runs(tx: Transaction, labels: Mapping[tuple[int, str], str]) -> list[RunDone]:
    """List the runs, newest first."""
    return [_run(tx, row, labels) for row in reversed(list_jobs(tx)) if row.kind == RUN]


def _person(tx: Transaction, client_id: str | None) -> tuple[str, str]:
    """Give the id of a person, or of a client without one, and a name to show."""
    if client_id is None:
        return "", "scripts and imports"
    client = read_client(tx, client_id)
    return client.person_id or client_id, client.name or f"somebody ({client_id[:8]})"


def _joined(name: str, rows: Sequence[ChangesOfClient]) -> Deeds:
    return Deeds(
        name,
        sum(row.changes for row in rows),
        sum(row.undone for row in rows),
        sum(row.frames for row in rows),
        min(row.first_s for row in rows),
        max(row.last_s for row in rows),
    )


def _run(tx: Transaction, row: JobRow, labels: Mapping[tuple[int, str], str]) -> RunDone:
    params: Mapping[str, Any] = row.params
    names = [(pair["instance_id"], pair["region"]) for pair in params.get("pairs", ())]
    client_id = params.get("client_id")
    return RunDone(
        row.created_at,
        _person(tx, client_id)[1] if client_id else "a script",
        [labels.get(name, f"{name[0]}/{name[1]}") for name in names],
        f"{params.get('start', 0)} to {params.get('end', 0)}",
        str(params.get("direction", "")),
        row.state.value,
        row.made,
        row.kept,
        str(params.get("network", "")),
    )
