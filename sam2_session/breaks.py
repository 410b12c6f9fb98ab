"""Lets threads share the interpreter: shorter turns, and breaks of long computations."""

from __future__ import annotations

import sys

from sam2_session.runtime import monotonic, sleep

SWITCH_S = 0.001  # that a thread keeps the interpreter while another waits; Python's is 0.005
STRETCH_S, BREAK_S = 0.008, 0.001  # of work without a break, and the break after it


def share_interpreter() -> None:
    """Let threads hand over the interpreter five times as often as Python does.

    A request waits for it a hundred times, each time for a thread that computes, if there is one.
    """
    sys.setswitchinterval(SWITCH_S)


class Breaks:
    """Breaks of a long computation, in which other threads have the interpreter to themselves.

    A request that only ever gets it for a moment needs a hundred moments.
    """

    def __init__(self) -> None:
        self._since_s = monotonic()

    def take_if_due(self) -> None:
        """Sleep for a moment if the last break was long ago."""
        if monotonic() - self._since_s >= STRETCH_S:
            sleep(BREAK_S)
            self._since_s = monotonic()
