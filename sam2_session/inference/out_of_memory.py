"""Retry of work that ran out of memory, on the device or beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import torch

from sam2_session.core.errors import OutOfMemory

T = TypeVar("T")

log = logging.getLogger(__name__)

# Texts of torch and of the libraries below it that are raised as a plain RuntimeError.
SIGNS = ("can't allocate memory", "out of memory", "not enough memory", "ALLOC_FAILED", "bad_alloc")


class MemoryRetry:
    """Runs a task that needs memory; if there is none left, frees some and runs it once more.

    A task may be started twice, so it must change nothing before its last allocation.
    """

    def __init__(self, free_memory: Callable[[], None]) -> None:
        self._free_memory = free_memory

    def run(self, task: Callable[[], T]) -> T:
        """Return the task's result. Raises `OutOfMemory` if it does not fit the second time."""
        reason = ""
        for is_last in (False, True):
            try:
                return task()
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                reason = str(error).partition("\n")[0] or "no memory left"
            if not is_last:  # outside the except: the error still holds what the task allocated
                log.warning("Memory ran out; image features and idle sessions leave: %s", reason)
                self._free_memory()
        raise OutOfMemory(reason)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory ran out, on whatever device."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in SIGNS)
