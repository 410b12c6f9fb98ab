"""Limits of a decoder process: memory, CPU, size of a file, priority."""

from __future__ import annotations

import os
import resource
import signal

GIB = 1024**3
MAX_MEMORY_BYTES = 8 * GIB
LEAST_MEMORY_BYTES = 2 * GIB
CPU_S = 24 * 3600  # of all its threads; without progress it is ended long before
MAX_FILE_BYTES = 1 * GIB  # a frame of 8192 x 8192 pixels takes less than 200 MB


def memory_limit() -> int:
    """Return how many bytes a decoder may take: at most half of what the machine has."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(LEAST_MEMORY_BYTES, min(MAX_MEMORY_BYTES, physical // 2))


def limit_this_process(niceness: int) -> None:
    """Apply every limit to this process, for good."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server handles Ctrl+C
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.setpriority(os.PRIO_PROCESS, 0, max(niceness, os.getpriority(os.PRIO_PROCESS, 0)))
    for kind, most in (
        (resource.RLIMIT_DATA, memory_limit()),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, MAX_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(kind, (most, most))
