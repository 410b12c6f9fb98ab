"""Plans a fill: the frames between a pair's prompted ones, visited from both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sam2_session.core.types import Direction, RunMode, SessionKey
from sam2_session.services.propagation.plan import RunPlan, Stretch
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import prompted_frames
from sam2_session.storage.job_rows import list_jobs
from sam2_session.storage.mask_rows import list_runs


@dataclass(frozen=True, slots=True)
class Gap:
    """Frames of a pair from one prompted frame to another; more prompted ones may lie between."""

    key: SessionKey
    first: int
    last: int

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last frame."""
        return self.first, self.last


def find_gaps(tx: Transaction, plan: RunPlan) -> list[Gap]:
    """Find the gaps between the prompted frames of a plan's range, for each of its pairs."""
    gaps = []
    for key in plan.firsts:
        rows = prompted_frames(tx, key)
        frames = [row.frame_idx for row in rows if plan.start <= row.frame_idx <= plan.end]
        if len(frames) > 1 and frames[-1] - frames[0] >= len(frames):
            gaps.append(Gap(key, frames[0], frames[-1]))
    return gaps


def is_filled(tx: Transaction, gap: Gap, now: str) -> bool:
    """Return whether the newest run of a pair filled this gap from the prompts of `now`."""
    runs = list_runs(tx, gap.key)
    if not runs or not runs[0].complete or runs[0].conditioning != now:
        return False
    modes = {job.run: job.params.get("mode") for job in list_jobs(tx)}
    covered = runs[0].first_frame <= gap.first and gap.last <= runs[0].last_frame
    return covered and modes.get(runs[0].run) == RunMode.FILL


def fill_plan(gaps: Sequence[Gap]) -> RunPlan:
    """Return the plan that visits all gaps forward, then all of them backward."""
    parts = [
        stretch
        for gap in gaps
        for stretch in (
            Stretch(gap.key, False, gap.first, gap.last, (gap.first,), whole=True),
            Stretch(gap.key, True, gap.last, gap.first, (gap.last,), whole=True),
        )
    ]
    firsts = {gap.key: gap.first for gap in gaps}
    start, end = min(gap.first for gap in gaps), max(gap.last for gap in gaps)
    return RunPlan(firsts, start, end, Direction.BOTH, tuple(parts))
