"""Measures time and memory."""

from __future__ import annotations

import ctypes
import gc
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

import torch

T = TypeVar("T")
REPEATED_S = 2.0  # to repeat short work, both sides together
MOST_TIMES = 9


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of all threads of the process, and wall-clock seconds.

    `seconds` is the one to compare: CPU time, or wall time when a GPU works.
    """

    cpu_s: float
    wall_s: float

    @property
    def seconds(self) -> float:
        """The time to compare on this machine."""
        return self.wall_s if _is_on_gpu() else self.cpu_s

    def __str__(self) -> str:
        return f"{self.cpu_s:.4f} ({self.wall_s:.3f})"


def timed(work: Callable[[], T], *, tidy: bool = True) -> tuple[Cost, T]:
    """Run once and time it; `tidy` collects garbage first."""
    if tidy:
        gc.collect()
    _settle()
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    _settle()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall), result


def middle(costs: Iterable[Cost]) -> Cost:
    """Median of several costs."""
    found = list(costs)
    return Cost(median(cost.cpu_s for cost in found), median(cost.wall_s for cost in found))


def total(costs: Iterable[Cost]) -> Cost:
    """Sum of several costs."""
    found = list(costs)
    return Cost(sum(cost.cpu_s for cost in found), sum(cost.wall_s for cost in found))


def times(seconds: float) -> int:
    """Return how often to repeat work of this duration; an odd number."""
    fitting = int(REPEATED_S / max(seconds, 1e-6))
    return min(max(fitting, 1), MOST_TIMES) - 1 | 1


def resident_mib(*, trimmed: bool = False) -> float:
    """Memory of this process; `trimmed` first returns free memory to the system."""
    if trimmed:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def available_mib() -> float:
    """Memory of this machine that is still available."""
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**20


def _settle() -> None:
    if _is_on_gpu():
        torch.cuda.synchronize()


def _is_on_gpu() -> bool:
    return bool(torch.cuda.is_initialized())  # type: ignore[no-untyped-call]
