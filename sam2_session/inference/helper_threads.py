"""Threads beside the device's that use torch for small things: reading frames, drawing masks."""

from __future__ import annotations

import ctypes
from contextlib import suppress

OPENMP = "libgomp.so.1"  # GNU's, which torch's builds for Linux bring along and have loaded


def use_one_thread() -> None:
    """Let torch's operations take one thread in the calling thread; all other threads stay as set.

    Enlarging a mask is the same bits by one thread or by several. Beside the network one costs less
    CPU, and it leaves no team of idle threads behind. `torch.set_num_threads` would change the
    number for every thread to come. Where OpenMP is another library, nothing changes.
    """
    import torch  # not at the start of a process: it takes longer than all the rest

    torch.get_num_threads()  # or torch would set it anew at the first operation of this thread
    with suppress(OSError, AttributeError):
        ctypes.CDLL(OPENMP).omp_set_num_threads(1)
