"""Tells a session process that hangs from one that waits for cores or for the disk."""

from __future__ import annotations

from pathlib import Path

LOOK_EVERY_S = 2.0  # while no message comes; a heartbeat comes every second
SILENT_LOOKS = 4  # after these a process counts as hung that has all it needs to run
PATIENT_LOOKS = 15  # after these any does

# Waiting for a core for this share of the silence is starving; Linux alone says how long it was.
STARVING_SHARE = 0.5
NS = 1e9


class SilenceWatch:
    """Judges a process each time it was silent for a while; counts looks, not seconds.

    So a silence in which this process itself was stopped or asleep counts once.
    """

    def __init__(self, pid: int, look_every_s: float = LOOK_EVERY_S) -> None:
        self._tasks = Path("/proc") / str(pid) / "task"
        self._look_every_s = look_every_s
        self._looks = 0
        self._waited_s: dict[str, float] = {}

    def heard(self) -> None:
        """Note that a message came."""
        self._looks = 0

    def look(self) -> None:
        """Raise `TimeoutError` if the process hangs: it was stopped, or its interpreter is kept."""
        self._looks += 1
        if self._looks == 1:
            self._waited_s = self._waits()
        if self._looks < SILENT_LOOKS or (self._looks < PATIENT_LOOKS and self._is_kept_waiting()):
            return
        raise TimeoutError(f"silent for {self._looks * self._look_every_s:.0f} s")

    def _is_kept_waiting(self) -> bool:
        """Return whether a thread mostly waited for a core since the first look, or the disk."""
        since_s = (self._looks - 1) * self._look_every_s
        waits = self._waits()
        if not waits:
            return True  # not known here
        starved = (waited - self._waited_s.get(task, waited) for task, waited in waits.items())
        return max(starved) > STARVING_SHARE * since_s or self._waits_for_disk()

    def _waits(self) -> dict[str, float]:
        """Return the seconds that each thread has waited for a core."""
        rows = {path.parent.name: _read(path).split() for path in self._tasks.glob("*/schedstat")}
        return {task: int(row[1]) / NS for task, row in rows.items() if len(row) > 1}

    def _waits_for_disk(self) -> bool:
        states = (_read(path).rpartition(") ")[2][:1] for path in self._tasks.glob("*/stat"))
        return "D" in states


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""  # it has just ended
