"""Measures how busy a device is, and how full its memory and that of its machine are."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sam2_session.inference.slot import EngineSlot
from sam2_session.services.projects.projects import Projects
from sam2_session.services.propagation.runs import RunService
from sam2_session.services.viewers.presence import Presence

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")  # of the container, where there is one


def describe_load(
    runs: RunService, projects: Projects, presence: Presence, slot: EngineSlot
) -> dict[str, Any]:
    """Return the figures by which a cluster places videos."""
    return {
        "jobs": runs.running(),
        "run_clients": runs.clients(),
        "open_videos": len(projects.opened()),
        "viewers": presence.count_viewers(),
        "viewed": presence.count_by_video(),
        "memory_share": round(memory_share(slot.peek()), 3),
    }


def memory_share(engine: Engine | None) -> float:
    """Return the share of the memory in use, 0 to 1: of machine or GPU, whichever is fuller.

    Image features and sessions count as free: they leave when something else needs the memory.
    """
    used, limit = machine_memory()
    device_used, device_limit = engine.network.device_memory() if engine else (0, 0)
    leaves = engine.features.nbytes + engine.session_nbytes() if engine else 0
    if device_limit:
        return max(used / limit, max(0, device_used - leaves) / device_limit)
    return max(0, used - leaves) / limit


def machine_memory(meminfo: Path = MEMINFO, cgroup: Path = CGROUP) -> tuple[int, int]:
    """Return how many bytes are in use, and how many there are, of the container or machine.

    Files that the kernel keeps in memory and can drop are not in use.
    """
    rows = dict(line.split(":", 1) for line in meminfo.read_text(encoding="ascii").splitlines())
    total, available = (int(rows[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    with suppress(OSError, ValueError):  # no control group of its own, or without a limit
        limit = int((cgroup / "memory.max").read_text(encoding="ascii"))
        current = int((cgroup / "memory.current").read_text(encoding="ascii"))
        stat = (cgroup / "memory.stat").read_text(encoding="ascii").splitlines()
        droppable = next(int(row.split()[1]) for row in stat if row.startswith("inactive_file "))
        if limit < total:
            return max(0, current - droppable), limit
    return total - available, total
