"""Child processes as /proc shows them, and ports for them to listen on."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

PROC = Path("/proc")
PORTS = range(20_000, 32_000)  # below those the system hands out by itself
shared: set[int] = set()  # processes that serve several tests


def children(parent: int | None = None) -> dict[int, str]:
    """The living children of a process (this one by default): pid and command line."""
    return commands(child_pids(parent))


def child_pids(parent: int | None = None) -> set[int]:
    """The living children of a process (this one by default)."""
    return {pid for pid in _listed(os.getpid() if parent is None else parent) if is_alive(pid)}


def descendants(parent: int) -> dict[int, str]:
    """The living children, their children and so on."""
    found = children(parent)
    for pid in list(found):
        found |= descendants(pid)
    return found


def idle_fork_servers() -> set[int]:
    """Children that start decoder processes and have none now: one serves every test."""
    servers = {pid for pid, line in children().items() if "decoding.fork_server" in line}
    return {pid for pid in servers if not child_pids(pid)}


def is_alive(pid: int) -> bool:
    """Tell if a process is there and no zombie."""
    return _state_and_parent(pid)[0] not in ("", "Z")


def is_stopped(pid: int) -> bool:
    """Return whether a process is there and was stopped by a signal."""
    return _state_and_parent(pid)[0] == "T"


def commands(pids: Iterable[int]) -> dict[int, str]:
    """The command lines of processes."""
    return {pid: _read(pid, "cmdline").replace("\0", " ") for pid in sorted(pids)}


def busy_s(pids: Iterable[int]) -> float:
    """Seconds that threads of these processes have computed, or waited for a core to compute on."""
    rows = [
        path.read_text().split()
        for pid in pids
        for path in (PROC / str(pid) / "task").glob("*/schedstat")
    ]
    return sum(int(ran_ns) + int(waited_ns) for ran_ns, waited_ns, _ in rows) / 1e9


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on; two calls, even in two processes, differ."""
    for port in _ports:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def _ports_in_turn() -> Iterator[int]:
    at = os.getpid() * 101 % len(PORTS)  # workers start one after the other: far apart
    while True:
        yield PORTS[at]
        at = (at + 1) % len(PORTS)


_ports = _ports_in_turn()


def _listed(parent: int) -> list[int]:
    """Its children, zombies too. The kernel lists them by the thread that started them."""
    try:
        threads = [entry.name for entry in os.scandir(PROC / str(parent) / "task")]
        lists = [(PROC / str(parent) / "task" / name / "children").read_text() for name in threads]
    except (FileNotFoundError, ProcessLookupError):
        # A thread has just ended, or this kernel keeps no lists: every process is asked.
        return [pid for pid in _pids() if _state_and_parent(pid)[1] == parent]
    return [int(pid) for pids in lists for pid in pids.split()]


def _pids() -> list[int]:
    return [int(entry.name) for entry in os.scandir(PROC) if entry.name.isdecimal()]


def _state_and_parent(pid: int) -> tuple[str, int]:
    state, parent = [*_read(pid, "stat").rpartition(")")[2].split(), "", "0"][:2]
    return state, int(parent or 0)


def _read(pid: int, name: str) -> str:
    try:
        return (PROC / str(pid) / name).read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""  # it has just ended
