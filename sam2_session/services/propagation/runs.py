"""Queues runs, and continues them after a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sam2_session.core.events import EventBus
from sam2_session.core.run_request import RunRequest
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.services.jobs.job_queue import JobQueue
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.masks.replaced_masks import ReplacedMasks
from sam2_session.services.projects.commands import Command, raise_if_repeated
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.propagation.plan import RunPlan
from sam2_session.services.propagation.propagation import PropagationService
from sam2_session.services.propagation.run_job import RunJob, new_row
from sam2_session.services.propagation.runner import Runner
from sam2_session.services.propagation.same_run import serves
from sam2_session.services.propagation.stretches import OWN_RECORD
from sam2_session.storage.database import Transaction
from sam2_session.storage.job_rows import JobRow, forget_pauses, list_jobs, save_job
from sam2_session.storage.mask_rows import break_runs
from sam2_session.storage.op_rows import add_op, next_rev, next_run

KEPT_JOBS = 20  # ended runs of a video that are listed after a restart


class RunService:
    """Turns requests into runs, executed one at a time in their order."""

    def __init__(
        self,
        projects: Projects,
        propagation: PropagationService,
        registry: JobRegistry,
        bus: EventBus,
        lost_frames: int,
        replaced: ReplacedMasks,
    ) -> None:
        self._projects = projects
        self._propagation = propagation
        self._registry = registry
        self._runner = Runner(projects, propagation, bus, lost_frames, replaced)
        self._queue = JobQueue(registry, "runs")

    def propagate(
        self, video_id: str, request: RunRequest, command: Command | None = None
    ) -> dict[str, Any]:
        """Queue a run, or continue a stopped one; returns ``{rev, job_id}``.

        Raises `NothingToDo` when nothing changed since the last run.
        """
        project = self._projects.get(video_id)
        self._projects.finish_masks(video_id)
        with project.lock:
            raise_if_repeated(project, command)
            plan = self._propagation.plan(video_id, request)
            params = {
                **self._propagation.params(plan, request),
                "client_id": command.client_id if command else None,
            }
            same = self._under_way(project, plan, params)
            stopped = None
            if same is None and not request.force:
                rows = project.db.read(list_jobs)
                stopped = self._propagation.resumable(project, plan, params, rows)
            self._leave_outdated(project, plan)

            def record(tx: Transaction) -> tuple[JobRow, dict[str, Any]]:
                row = same or _create(tx, params, len(plan.frames()), stopped)
                return row, _acknowledge(tx, row, command)

            row, answer = project.db.write(record)
        if same is None:
            self._read_pauses_again(project)
            self._submit(video_id, row)
        return answer

    def resume(self, project: Project) -> int:
        """List a video's runs again, and continue the unfinished ones.

        Returns how many those are. Runs that are known already stay as they are.
        """
        rows = project.db.read(list_jobs)
        unfinished = [row for row in rows if row.state in UNFINISHED]
        for row in [*rows[-KEPT_JOBS:], *unfinished]:
            self._submit(project.video_id, row)
        return len(unfinished)

    def put_down(self, video_id: str) -> None:
        """Stop a video's runs after the current frame; they continue in another process."""
        for job in self._runs(video_id):
            if job.state in UNFINISHED:
                self._queue.put_down(job)

    def running(self) -> int:
        """Count the runs that are not finished."""
        return sum(job.state in UNFINISHED for job in self._runs())

    def clients(self) -> list[str]:
        """List the clients whose runs are under way, and do not wait."""
        running = [job for job in self._runs() if job.shown_state is JobState.RUNNING]
        return sorted({job.client_id for job in running if job.client_id is not None})

    def weigh(self, elsewhere: Mapping[str, int]) -> None:
        """Share this device by what clients have elsewhere.

        A client passes a turn for each run of its own that is under way on another device.
        """
        self._queue.weigh(elsewhere)

    def close(self) -> None:
        """Stop after the current frame; unfinished runs continue at the next start."""
        self._queue.close()

    def _runs(self, video_id: str | None = None) -> list[RunJob]:
        return [job for job in self._registry.jobs(video_id) if isinstance(job, RunJob)]

    def _under_way(self, project: Project, plan: RunPlan, params: dict[str, Any]) -> JobRow | None:
        """Find an unfinished run of the same request, as if its key was pressed twice."""
        for job in self._runs(project.video_id):
            row, ends = job.row, job.cancelled.is_set()
            if row.state not in UNFINISHED or ends or not serves(row.params, params):
                continue
            if row.state is JobState.QUEUED or self._propagation.is_newest_run(
                project, plan, row.run
            ):
                return row
        return None

    def _leave_outdated(self, project: Project, plan: RunPlan) -> None:
        """Let running jobs leave the pairs that this plan makes anew from changed prompts.

        Each mask that they made of such a pair would be stale when it is written.
        """
        for job in self._runs(project.video_id):
            if job.row.state is not JobState.RUNNING:
                continue
            outdated = frozenset(
                key
                for key in job.keys & plan.firsts.keys()
                if not self._propagation.is_current(project, key, job.row.run)
            )
            for key in outdated:
                project.db.write(partial(break_runs, key=key))
            job.leave(outdated)

    def _read_pauses_again(self, project: Project) -> None:
        """Clear the pauses of earlier runs; a new run of a pair replaces them."""
        rows = {row.job_id: row for row in project.db.read(list_jobs)}
        for job in self._runs(project.video_id):
            if job.row.paused and job.job_id in rows:
                job.row = replace(job.row, paused=rows[job.job_id].paused)

    def _submit(self, video_id: str, row: JobRow) -> None:
        self._queue.submit(RunJob(video_id, row, self._runner))


def _create(tx: Transaction, params: dict[str, Any], total: int, stopped: JobRow | None) -> JobRow:
    """Save a new job; it continues the run of a stopped job, if there is one."""
    row = new_row(params, total, run=stopped.run if stopped else next_run(tx))
    if stopped:
        own = {name: stopped.params[name] for name in OWN_RECORD if name in stopped.params}
        row = replace(
            row,
            params={**row.params, **own},
            done=stopped.done,
            made=stopped.made,
            kept=stopped.kept,
            tracked=stopped.tracked,
        )
    forget_pauses(tx, params["pairs"])
    save_job(tx, row)
    return row


def _acknowledge(tx: Transaction, row: JobRow, command: Command | None) -> dict[str, Any]:
    rev = next_rev(tx)
    answer = {"rev": rev, "job_id": row.job_id}
    if command:
        client = (command.client_id, command.seq)
        add_op(tx, rev, client, command.kind, command.body, answer)
    return answer
