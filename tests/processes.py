"""Child processes as /proc shows them."""

from __future__ import annotations

import os
from pathlib import Path


def children(parent: int | None = None) -> dict[int, str]:
    """The living children of a process (this one by default): pid and command line."""
    parent = os.getpid() if parent is None else parent
    return {pid: command for pid, (its_parent, command) in _all().items() if its_parent == parent}


def descendants(parent: int) -> dict[int, str]:
    """The living children, their children and so on."""
    everyone = _all()
    found: dict[int, str] = {}
    grown = {parent}
    while grown:
        born = {pid: everyone[pid][1] for pid, (its, _) in everyone.items() if its in grown}
        grown = set(born) - set(found)
        found |= born
    return found


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    return pid in _all()


def _all() -> dict[int, tuple[int, str]]:
    """Every process: its parent and its command line."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
            command = status.with_name("cmdline").read_text(errors="replace").replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        if state != "Z":
            found[int(status.parent.name)] = (int(parent), command)
    return found
