"""A propagation as it is asked for, with every field checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sam2_session.core.types import Direction, MemoryMode, OnApproved, OnGuard, RunMode


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A request of a run: the pairs, the frames, and the way.

    `pairs` are ``(instance_id, region)``, None for every pair of the video; `start` and `end` are
    frames, both included, None for the first and the last one. A run begins at `from_frame`, None
    for each pair's first prompted frame. `force` runs unchanged pairs again. With `mode` stretch
    only what corrections can have changed is tracked anew, and in full what no run has finished;
    with fill the frames between the prompted ones of each pair are tracked from both sides.
    `memory` chooses the frames that a step attends to.
    """

    pairs: Sequence[tuple[int, str]] | None = None
    start: int | None = None
    end: int | None = None
    from_frame: int | None = None
    direction: Direction = Direction.FORWARD
    force: bool = False
    on_guard: OnGuard = OnGuard.GO_ON
    approved: OnApproved = OnApproved.KEEP
    mode: RunMode = RunMode.FULL
    memory: MemoryMode = MemoryMode.PLAIN
