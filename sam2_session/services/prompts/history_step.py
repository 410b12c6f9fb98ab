"""Undo and redo of one frame: one's own change at once, another person's only when told to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sam2_session.core.change_words import change_words
from sam2_session.core.clients import Client
from sam2_session.core.errors import OthersChange
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.frame_state import FrameState
from sam2_session.services.projects.commands import Command
from sam2_session.storage import history_rows
from sam2_session.storage.client_rows import read_client
from sam2_session.storage.database import Transaction

Way = Literal["undo", "redo"]
DEPTH = ("undo", "redo", "undo_by", "redo_by")  # the fields that `history_rows.depth` returns


@dataclass(slots=True)
class HistoryStep:
    """One undo or redo. `takes_any`: also of a change that another person made, or undid.

    A call without a client, as REST's, and changes without one belong to nobody: they never ask.
    """

    way: Way
    command: Command | None = None
    takes_any: bool = False
    _told: dict[str, Any] | None = None  # the event for the other person, once the step is taken

    def take(self, tx: Transaction, key: history_rows.HistoryKey, now: Any) -> Any:
        """Take the step; returns the state to go to. Raises `NothingToDo` or `OthersChange`."""
        client = self.require_own(tx, key)
        take = history_rows.undo if self.way == "undo" else history_rows.redo
        return take(tx, key, now, client.client_id if client else None)

    def require_own(self, tx: Transaction, key: history_rows.HistoryKey) -> Client | None:
        """Return the client of the step. Raises `OthersChange` for a change it may not take."""
        step = history_rows.next_step(tx, key, self.way)
        client = read_client(tx, self.command.client_id) if self.command else None
        if step.client and not (client and client.is_person_of(step.client)):
            words = _words(step, key)
            if client and not self.takes_any:
                raise OthersChange(self._refusal(step.client, words), hint=_hint(self.way))
            self._told = {
                "change": words,
                "way": self.way,
                "by": client.to_wire() if client else None,
                "of": step.client.to_wire(),
            }
        return client

    def tell_other(self, bus: EventBus, key: dict[str, Any], frame_idx: int) -> None:
        """Announce to everybody whose change was taken back; nothing if it was one's own."""
        if self._told is not None:
            data = {"key": key, "frame_idx": frame_idx, **self._told}
            bus.publish(Event(EventName.CHANGE_TAKEN_BACK, data))

    def _refusal(self, other: Client, words: str) -> str:
        if self.way == "undo":
            return f"{other.shown_name} made the last change here: {words}."
        return f"{other.shown_name} undid the last change here: {words}."


def _hint(way: Way) -> str:
    return f"Ask before you {way} it, or send any: true."


def _words(step: history_rows.Step, key: history_rows.HistoryKey) -> str:
    if key[1] is None:
        return "keypoint"
    before, after = FrameState.from_json(step.before), FrameState.from_json(step.after)
    is_repair = step.action is not None and before.absent is after.absent
    return "repair" if is_repair else change_words(before, after)
