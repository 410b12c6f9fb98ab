"""What to do when memory runs out, on a GPU or beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import torch

from sam2_session.core.errors import OutOfMemory

T = TypeVar("T")

log = logging.getLogger(__name__)

# How torch and the libraries below it tell what is no torch.OutOfMemoryError.
SIGNS = ("can't allocate memory", "out of memory", "not enough memory", "ALLOC_FAILED", "bad_alloc")


class Room:
    """Runs work that needs memory; when there is none left, makes room and tries once more.

    The work may be begun twice, so it must change nothing before it is through.
    """

    def __init__(self) -> None:
        self.make: Callable[[], None] = lambda: None  # set by whoever holds what can be dropped

    def run(self, work: Callable[[], T]) -> T:
        """The work's result. Raises `OutOfMemory` if there is no room even then."""
        reason = ""
        for is_last in (False, True):
            try:
                return work()
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                reason = str(error).partition("\n")[0] or "no memory left"
            if not is_last:  # not above: there the error still holds what the work had allocated
                log.warning("Memory ran out; image features and idle sessions leave: %s", reason)
                self.make()
        raise OutOfMemory(reason)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether it says that memory ran out, on whatever device."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in SIGNS)
