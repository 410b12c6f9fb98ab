"""Table of jobs, which survive a restart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from sam2_session.core.types import JobState
from sam2_session.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job; a run that was killed resumes at `done`.

    `made` and `kept` count the masks it wrote and the approved ones it left as they were, `tracked`
    the frames on which it tracked any pair; None if an older version began it.
    """

    job_id: str
    kind: str
    state: JobState
    params: dict[str, Any]
    run: int
    done: int
    total: int
    error: dict[str, Any] | None = None
    created_at: float = field(default=0.0)  # wall clock, for display only
    paused: dict[str, Any] | None = None  # the guard that stopped it, and the frame
    made: int | None = 0
    kept: int | None = 0
    tracked: int | None = 0
    took_s: float | None = None  # at work, without the time in the queue

    def advanced(self, done: int, *, made: int, kept: int, tracked: int = 0) -> JobRow:
        """Return the row with a new cursor, and with these masks and frames added to its counts."""
        if self.made is None or self.kept is None:
            return replace(self, done=done)
        total = None if self.tracked is None else self.tracked + tracked
        return replace(self, done=done, made=self.made + made, kept=self.kept + kept, tracked=total)


_FIELDS = "job_id, kind, state, params, run, done, total, error, created_at, paused, took_s"


def list_jobs(tx: Transaction) -> list[JobRow]:
    """List the jobs of a video, oldest first."""
    rows = tx.execute(f"SELECT {_FIELDS} FROM jobs ORDER BY created_at, run")
    return [_job(row) for row in rows]


def save_job(tx: Transaction, job: JobRow) -> None:
    """Save a job."""
    tx.execute(
        f"INSERT OR REPLACE INTO jobs ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job.job_id,
            job.kind,
            job.state.value,
            _params_text(job),
            job.run,
            job.done,
            job.total,
            json.dumps(job.error) if job.error else None,
            job.created_at,
            json.dumps(job.paused) if job.paused else None,
            job.took_s,
        ),
    )


def save_progress(tx: Transaction, job: JobRow) -> None:
    """Save a job's cursor and counts, in the same commit as the masks they count."""
    tx.execute(
        "UPDATE jobs SET done = ?, params = ? WHERE job_id = ?",
        (job.done, _params_text(job), job.job_id),
    )


def save_pause(tx: Transaction, job_id: str, paused: dict[str, Any]) -> None:
    """Save that a guard paused a job, in the same commit as the mask that raised it."""
    tx.execute(
        "UPDATE jobs SET state = ?, paused = ? WHERE job_id = ?",
        (JobState.CANCELLED.value, json.dumps(paused), job_id),
    )


def forget_pauses(tx: Transaction, pairs: list[dict[str, Any]]) -> None:
    """Clear the pause of earlier jobs that share a pair with a run that begins now."""
    wanted = {(pair["instance_id"], pair["region"]) for pair in pairs}
    for job in list_jobs(tx):
        if job.paused and wanted & {(pair["instance_id"], pair["region"]) for pair in _pairs(job)}:
            save_job(tx, replace(job, paused=None))


def mark_rolled_back(tx: Transaction, run: int) -> None:
    """Note that masks of a run were taken back: no request goes on with it any more."""
    for job in list_jobs(tx):
        if job.run == run and job.kind == "propagate":
            save_job(tx, replace(job, params={**job.params, "rolled_back": True}))


def _pairs(job: JobRow) -> list[dict[str, Any]]:
    return list(job.params.get("pairs", ()))


def _params_text(job: JobRow) -> str:
    """Write the parameters and, beside them, the counts."""
    counts = {"made": job.made, "kept": job.kept, "tracked": job.tracked}
    known = {name: count for name, count in counts.items() if count is not None}
    return json.dumps({**job.params, **known})


def _job(row: tuple[Any, ...]) -> JobRow:
    job_id, kind, state, text, run, done, total, error, created_at, paused, took_s = row
    params = json.loads(text)
    unknown = None if done else 0
    made, kept = params.pop("made", unknown), params.pop("kept", unknown)
    tracked = params.pop("tracked", unknown)
    return JobRow(
        job_id,
        kind,
        JobState(state),
        params,
        run,
        done,
        total,
        json.loads(error) if error else None,
        created_at,
        json.loads(paused) if paused else None,
        made,
        kept,
        tracked,
        took_s,
    )
