"""A second thread that takes work of a step beside the device's, where the device is a CPU.

Most operations of a small network are too short for several cores: while one pair's are begun one
by one, the other cores wait. Two pairs at once, or a pair and the next frame, fill them. An
operation still takes as many threads as torch was told, so every bit is the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeVar

import torch

from sam2_session.runtime import ThreadPool, lower_priority, usable_cores

T = TypeVar("T")
LARGEST_IMAGE_SIZE = 512  # pixels; operations of larger inputs fill the cores by themselves


def gains_from_help(device: torch.device, image_size: int) -> bool:
    """Return whether two threads are faster than one for a network of this input size."""
    return device.type == "cpu" and usable_cores() > 1 and image_size <= LARGEST_IMAGE_SIZE


class DeviceHelper:
    """Shares the tasks of a step between the calling thread and its own, inside `context`."""

    def __init__(self, context: Callable[[], AbstractContextManager[Any]], niceness: int) -> None:
        self._context = context
        self._pool = ThreadPool(
            1, thread_name_prefix="device-helper", initializer=partial(lower_priority, niceness)
        )

    def share(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """Run every task once, in whichever of the two threads is free; returns their results.

        After an error no other task begins; it is raised once both threads are done.
        """
        waiting = deque(enumerate(tasks))
        found: dict[int, T] = {}

        def work() -> None:
            try:
                while waiting:
                    number, task = waiting.popleft()
                    found[number] = task()
            except BaseException:
                waiting.clear()
                raise

        beside = self._pool.submit(self._inside, work) if len(tasks) > 1 else None
        try:
            work()
        finally:
            if beside is not None:
                beside.result()
        return [found[number] for number in range(len(tasks))]

    def close(self) -> None:
        """End its thread."""
        self._pool.shutdown()

    def _inside(self, work: Callable[[], None]) -> None:
        with self._context():
            work()
