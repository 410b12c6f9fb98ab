"""Threads beside the device's that use torch for small things: reading frames, drawing masks."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

OPENMP = "libgomp.so.1"  # GNU's, which torch's builds for Linux bring along and have loaded


def use_one_thread() -> None:
    """Let torch's operations take one thread in the calling thread; all other threads stay as set.

    Enlarging a mask is the same bits by one thread or by several. Beside the network one costs less
    CPU, and it leaves no team of idle threads behind. `torch.set_num_threads` would change the
    number for every thread to come. Where OpenMP is another library, nothing changes.
    """
    import torch  # not at the start of a process: it takes longer than all the rest

    torch.get_num_threads()  # or torch would set it anew at the first operation of this thread
    if (openmp := _openmp()) is not None:
        openmp.omp_set_num_threads(1)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch's operations take one thread for the time of a block, as `use_one_thread` does.

    While others need the cores, a team waits at each operation for its thread that got none.
    """
    openmp = _openmp()
    before = openmp.omp_get_max_threads() if openmp else 1
    if openmp is None or before == 1:
        yield
        return
    openmp.omp_set_num_threads(1)
    try:
        yield
    finally:
        openmp.omp_set_num_threads(before)


@cache
def _openmp() -> ctypes.PyDLL | None:
    """Load the library that torch has loaded; its calls are short, and keep the interpreter."""
    try:
        return ctypes.PyDLL(OPENMP)
    except OSError:
        return None
