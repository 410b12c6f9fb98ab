"""A command of a client: told apart from its own repetition, and answered the same both times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sam2_session.services.projects.project import Project
from sam2_session.services.requests import require_int, require_text
from sam2_session.storage.database import Transaction
from sam2_session.storage.op_rows import add_op, find_op, next_rev


@dataclass(frozen=True, slots=True)
class Command:
    """Who asks, for the how-manieth time, for what; `sid` is where the mask goes."""

    client_id: str
    seq: int
    sid: str
    kind: str
    body: Mapping[str, Any]

    @classmethod
    def parse(cls, kind: str, sid: str, data: Mapping[str, Any]) -> Command:
        """Read the envelope of a client event."""
        client_id = require_text(data, "client_id", most=100)
        return cls(client_id, require_int(data, "seq", least=1), sid, kind, data)


class Repeated(Exception):
    """The command was applied before; `answer` is what was answered then."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__("repeated command")
        self.answer = answer


def raise_if_repeated(project: Project, command: Command | None) -> None:
    """Raise `Repeated` with the first answer if this command was applied before."""
    if command is not None:
        before = project.db.read(lambda tx: find_op(tx, command.client_id, command.seq))
        if before is not None:
            raise Repeated(before)


def apply_once(
    project: Project,
    command: Command | None,
    change: Callable[[Transaction, int], dict[str, Any]],
) -> dict[str, Any]:
    """Run `change(tx, rev)` in a transaction with a new revision; its answer is kept with it.

    Without a command (REST) there is nothing to tell apart. Raises `Repeated` for a second coming.
    """

    def transaction(tx: Transaction) -> dict[str, Any]:
        if command and (before := find_op(tx, command.client_id, command.seq)) is not None:
            raise Repeated(before)
        rev = next_rev(tx)
        answer = {"rev": rev, **change(tx, rev)}
        if command:
            client = (command.client_id, command.seq)
            add_op(tx, rev, client, command.kind, command.body, answer)
        return answer

    return project.db.write(transaction)
