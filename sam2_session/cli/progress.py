"""Shows on stderr how far a command is."""

from __future__ import annotations

import sys

from tqdm import tqdm

from sam2_session.client.jobs import Job, JobProgress
from sam2_session.client.workspaces import DOWNLOADING


class ProgressReport:
    """A bar for each step on a terminal, else a line when a step begins and when it is through."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._is_quiet = quiet
        self._is_terminal = sys.stderr.isatty()
        self._step = ""
        self._bar: tqdm | None = None

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show that this much of a step is done."""
        if self._is_quiet:
            return
        if self._is_terminal:
            self._draw(step, done, total)
        elif step != self._step:
            self._write(f"{step}: {total or '…'}")
        elif total and done == total:
            self._write(f"{step}: done")
        self._step = step

    def job(self, step: str) -> JobProgress:
        """Give the function that shows a job as this step."""

        def show(job: Job) -> None:
            self(step, job.done, job.total)

        return show

    def close(self) -> None:
        """Leave the cursor at the start of an empty line."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _draw(self, step: str, done: int, total: int) -> None:
        if self._bar is None or step != self._step:
            self.close()
            in_bytes = {"unit": "B", "unit_scale": True} if step == DOWNLOADING else {}
            self._bar = tqdm(
                total=total or None, desc=step, file=sys.stderr, leave=False, **in_bytes
            )
        self._bar.total, self._bar.n = total or None, done
        self._bar.refresh()

    def _write(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
