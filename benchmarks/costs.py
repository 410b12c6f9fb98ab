"""What a piece of work takes."""

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
REPEATED_S = 2.0  # of both sides together
MOST_TIMES = 9


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU, of all threads of the process, and seconds on the wall.

    `seconds` is what counts: the CPU's, or with a GPU at work the wall's.
    """

    cpu_s: float
    wall_s: float

    @property
    def seconds(self) -> float:
        """What counts on this machine."""
        return self.wall_s if _is_on_gpu() else self.cpu_s

    def __str__(self) -> str:
        return f"{self.cpu_s:.4f} ({self.wall_s:.3f})"


def timed(work: Callable[[], T], *, tidy: bool = True) -> tuple[Cost, T]:
    """Do it once and take the time; `tidy`: not with rubbish of what was before."""
    if tidy:
        gc.collect()
    _settle()
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    _settle()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall), result


def middle(costs: Iterable[Cost]) -> Cost:
    """The medians."""
    found = list(costs)
    return Cost(median(one.cpu_s for one in found), median(one.wall_s for one in found))


def total(costs: Iterable[Cost]) -> Cost:
    """The sums."""
    found = list(costs)
    return Cost(sum(one.cpu_s for one in found), sum(one.wall_s for one in found))


def times(seconds: float) -> int:
    """How often to measure what takes this long: an odd number."""
    fitting = int(REPEATED_S / max(seconds, 1e-6))
    return min(max(fitting, 1), MOST_TIMES) - 1 | 1


def resident_mib(*, trimmed: bool = False) -> float:
    """Memory of this process now; `trimmed`: without what is free but not given back."""
    if trimmed:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def available_mib() -> float:
    """Memory of this machine that can still be had."""
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**20


def _settle() -> None:
    if _is_on_gpu():
        torch.cuda.synchronize()


def _is_on_gpu() -> bool:
    return bool(torch.cuda.is_initialized())  # type: ignore[no-untyped-call]
