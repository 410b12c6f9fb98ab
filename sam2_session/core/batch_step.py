"""A step of a person through a batch, with every field checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """The steps of an item."""

    ENTER = "enter"
    NEXT = "next"
    SAVE = "save"
    SKIP = "skip"
    UNSKIP = "unskip"
    RESET = "reset"
    UNDO_RESET = "undo_reset"
    START_FROM_LAST_MASK = "start_from_last_mask"
    PROCESS = "process"
    APPROVE = "approve"
    REJECT = "reject"
    NOTE = "note"


GOES_ON = (Verb.NEXT, Verb.SAVE, Verb.SKIP)  # these answer the next item to do


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the item, what is done, by whom, and the text of a note or reason."""

    batch_id: str
    number: int
    verb: Verb
    client_id: str = ""
    text: str = ""
