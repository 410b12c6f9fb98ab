"""Propagations: asked for, listed, cancelled; they survive a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sam2_session.core.errors import JobNotFound
from sam2_session.core.events import EventBus
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.services.jobs.job_line import JobLine
from sam2_session.services.projects.commands import Command, raise_if_repeated
from sam2_session.services.projects.project import Project, Projects
from sam2_session.services.propagation.guards import parse_on_guard
from sam2_session.services.propagation.plan import RunPlan
from sam2_session.services.propagation.propagation import PropagationService, same_work
from sam2_session.services.propagation.run_job import RunJob, new_row
from sam2_session.services.propagation.runner import Runner
from sam2_session.storage.database import Transaction
from sam2_session.storage.job_rows import JobRow, forget_pauses, list_jobs, save_job
from sam2_session.storage.op_rows import add_op, next_rev, next_run

KEPT_JOBS = 20  # finished ones that are still listed, for each video


class JobService:
    """What a request becomes, and what is known of every job."""

    def __init__(
        self,
        projects: Projects,
        propagation: PropagationService,
        bus: EventBus,
        lost_frames: int,
    ) -> None:
        self._projects = projects
        self._propagation = propagation
        self._line: JobLine[RunJob] = JobLine(bus)
        self._runner = Runner(projects, propagation, bus, self._line, lost_frames)

    def propagate(
        self, video_id: str, data: Mapping[str, Any], command: Command | None = None
    ) -> dict[str, Any]:
        """Queue a run, or continue a stopped one; answers ``{rev, job_id}``."""
        project = self._projects.get(video_id)
        with project.lock:
            raise_if_repeated(project, command)
            plan = self._propagation.plan(video_id, data)
            on_guard = parse_on_guard(data.get("on_guard"))
            params = {**self._propagation.params(plan, on_guard), **_asked_by(command)}
            same = self._under_way(project, plan, params)
            stopped = None
            if same is None and data.get("force") is not True:
                rows = project.db.read(list_jobs)
                stopped = self._propagation.resumable(project, plan, rows)

            def record(tx: Transaction) -> tuple[JobRow, dict[str, Any]]:
                row = same or _create(tx, params, len(plan.steps()), stopped)
                return row, _acknowledge(tx, row, command)

            row, answer = project.db.write(record)
        if same is None:
            self._read_pauses_again(project)
            self._enqueue(video_id, row)
        return answer

    def list(self, video_id: str | None = None) -> dict[str, Any]:
        """The jobs of this process's life and those it found at its start."""
        return {"jobs": [job.to_wire() for job in self._line.jobs(video_id)]}

    def get(self, job_id: str) -> dict[str, Any]:
        """One job; raises `JobNotFound`."""
        return self._find(job_id).to_wire()

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Stop a job after the frame in work, or at once while it waits; what it finished stays."""
        job = self._find(job_id)
        self._runner.cancel(job)
        return job.to_wire()

    def cancel_video(self, video_id: str) -> None:
        """Stop every job of a video and wait for the one in work."""
        jobs = self._line.jobs(video_id)
        for job in jobs:
            self._runner.cancel(job)
        self._line.wait_for(jobs)

    def resume(self, project: Project) -> int:
        """Know a video's jobs again, and go on with what a stop of the process left unfinished.

        Answers how many that are.
        """
        rows = project.db.read(list_jobs)
        unfinished = [row for row in rows if row.state in UNFINISHED]
        for row in [*rows[-KEPT_JOBS:], *unfinished]:
            self._enqueue(project.video_id, row)
        return len(unfinished)

    def running(self) -> int:
        """How many jobs are not finished."""
        return sum(job.state in UNFINISHED for job in self._line.jobs())

    def close(self) -> None:
        """Stop after the frame in work; unfinished jobs go on at the next start."""
        self._runner.close()

    def _under_way(self, project: Project, plan: RunPlan, params: dict[str, Any]) -> JobRow | None:
        """The job that does what is asked already: the key was pressed twice."""
        for job in self._line.jobs(project.video_id):
            row, ends = job.row, job.cancelled.is_set()
            if row.state not in UNFINISHED or ends or not same_work(row.params, params):
                continue
            if row.state is JobState.QUEUED or self._propagation.is_newest_run(
                project, plan, row.run
            ):
                return row
        return None

    def _find(self, job_id: str) -> RunJob:
        job = self._line.find(job_id)
        if job is None:
            raise JobNotFound(str(job_id)[:80])
        return job

    def _read_pauses_again(self, project: Project) -> None:
        """A new run of a pair goes on where the one before paused, or takes its place."""
        rows = {row.job_id: row for row in project.db.read(list_jobs)}
        for job in self._line.jobs(project.video_id):
            if job.row.paused and job.job_id in rows:
                job.row = replace(job.row, paused=rows[job.job_id].paused)

    def _enqueue(self, video_id: str, row: JobRow) -> None:
        """List a job; the runner gets it if it is new here and has not ended."""
        job = RunJob(video_id, row)
        if self._line.remember(job) and row.state in UNFINISHED:
            self._runner.put(job)


def _create(tx: Transaction, params: dict[str, Any], total: int, stopped: JobRow | None) -> JobRow:
    """A new job, which goes on with the run of one that stopped."""
    run, done = (stopped.run, stopped.done) if stopped else (next_run(tx), 0)
    row = new_row(params, total, run=run, done=done)
    forget_pauses(tx, params["pairs"])
    save_job(tx, row)
    return row


def _asked_by(command: Command | None) -> dict[str, Any]:
    return {"client_id": command.client_id if command else None}


def _acknowledge(tx: Transaction, row: JobRow, command: Command | None) -> dict[str, Any]:
    rev = next_rev(tx)
    answer = {"rev": rev, "job_id": row.job_id}
    if command:
        client = (command.client_id, command.seq)
        add_op(tx, rev, client, command.kind, command.body, answer)
    return answer
