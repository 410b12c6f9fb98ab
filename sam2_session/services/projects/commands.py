"""Applies each client command once; a repetition gets the first answer again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sam2_session.services.projects.project import Project
from sam2_session.storage.database import Transaction
from sam2_session.storage.op_rows import add_op, find_op, next_rev


@dataclass(frozen=True, slots=True)
class Command:
    """One client command: sender, sequence number, payload; its mask goes to the socket `sid`."""

    client_id: str
    seq: int
    sid: str
    kind: str
    body: Mapping[str, Any]


class Repeated(Exception):
    """Raised for a command that was applied before, with the answer given then."""

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
    then: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """Run `change(tx, rev)` in a transaction with a new revision, and store its answer.

    `then` announces it: it is called with the answer, in the order of the commits.

    Raises `Repeated`, with the stored answer, if the command was applied before. REST sends no
    command, so each of its calls is applied.
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

    return project.db.write(transaction, then)
