"""Checks, before a file is put in place, that this process may still write there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


class WriteGuard:
    """Asks the leases of a cluster before each write; without a cluster it does nothing."""

    def __init__(self) -> None:
        self._check: Callable[[Path], None] | None = None

    def install(self, check: Callable[[Path], None] | None) -> None:
        """Call `check` with each path from now on; None ends that."""
        self._check = check

    def check(self, path: Path) -> None:
        """Raise `VideoElsewhere` if the video of this path belongs to another process."""
        if self._check is not None:
            self._check(path)


WRITE_GUARD = WriteGuard()
