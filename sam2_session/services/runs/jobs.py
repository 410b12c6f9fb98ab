"""Long work: queued, running, done, failed or cancelled; it survives a restart."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from sam2_session.core.errors import Cancelled, EngineClosed, FsyncFailed, JobNotFound, error_fields
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.runtime import Lock, Queue, Signal, monotonic, sleep, spawn, stop_at_once
from sam2_session.services.annotation.commands import Command, Repeated
from sam2_session.services.annotation.project import Project, Projects
from sam2_session.services.runs.guards import Watch, parse_on_guard
from sam2_session.services.runs.mask_sink import MaskSink
from sam2_session.services.runs.plan import RunPlan
from sam2_session.services.runs.progress import Progress
from sam2_session.services.runs.propagation import PropagationService, same_work
from sam2_session.storage.database import Transaction
from sam2_session.storage.job_rows import JobRow, forget_pauses, list_jobs, save_job
from sam2_session.storage.op_rows import add_op, find_op, next_rev, next_run

KEPT_JOBS = 20  # finished ones that are still listed, for each video
MODEL_POLL_S = 0.05

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    """A job of this process: its row, and what the runner looks at while it works."""

    video_id: str
    row: JobRow
    cancelled: Signal
    progress: Progress
    taken: bool = False  # the runner works on it, or it was cancelled before it could
    position: int | None = None  # of a job that waits, in the line of all videos; 1 is next

    @property
    def waits(self) -> bool:
        return self.row.state in UNFINISHED and not self.taken

    def to_wire(self) -> dict[str, Any]:
        row = self.row
        return {
            "job_id": row.job_id,
            "kind": row.kind,
            "state": row.state.value,
            "video_id": self.video_id,
            "pairs": row.params.get("pairs", []),
            "done": row.done,
            "total": row.total,
            "eta_s": self.progress.eta_s(row.total),
            "position": None if self.taken else self.position,
            "frame_idx": self.progress.frame_idx,
            "error": row.error,
            "paused": row.paused,
            **{name: row.params.get(name) for name in ("start", "end", "direction", "on_guard")},
        }


class JobService:
    """One runner: jobs go in the order they came, clicks go between their frames."""

    def __init__(
        self,
        projects: Projects,
        propagation: PropagationService,
        bus: EventBus,
        lost_frames: int,
    ) -> None:
        self._projects = projects
        self._lost_frames = lost_frames
        self._propagation = propagation
        self._bus = bus
        self._jobs: dict[str, _Job] = {}
        self._lock = Lock()
        self._queue: Queue[_Job | None] = Queue()
        self._closing = False
        self._thread = spawn(self._loop, name="jobs")

    def propagate(
        self, video_id: str, data: Mapping[str, Any], command: Command | None = None
    ) -> dict[str, Any]:
        """Queue a run, or continue a stopped one; answers ``{rev, job_id}``."""
        project = self._projects.get(video_id)
        with project.lock:
            if command and (before := self._repeated(project, command)) is not None:
                raise Repeated(before)
            plan = self._propagation.plan(video_id, data)
            on_guard = parse_on_guard(data.get("on_guard"))
            params, total = self._propagation.params(plan, on_guard), len(plan.steps())
            same = self._under_way(project, plan, params)
            stopped = None
            if same is None and data.get("force") is not True:
                rows = project.db.read(list_jobs)
                stopped = self._propagation.resumable(project, plan, rows)

            def create(tx: Transaction) -> tuple[JobRow, int]:
                run = stopped.run if stopped else next_run(tx)
                done = stopped.done if stopped else 0
                row = same or _new_row(params, total, run=run, done=done)
                if same is None:
                    forget_pauses(tx, params["pairs"])
                    save_job(tx, row)
                rev = next_rev(tx)
                if command:
                    answer = {"rev": rev, "job_id": row.job_id}
                    client = (command.client_id, command.seq)
                    add_op(tx, rev, client, command.kind, command.body, answer)
                return row, rev

            row, rev = project.db.write(create)
        if same is None:
            self._read_pauses_again(project)
            self._enqueue(video_id, row)
        return {"rev": rev, "job_id": row.job_id}

    def list(self, video_id: str | None = None) -> dict[str, Any]:
        """The jobs of this process's life and those it found at its start."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if video_id in (None, job.video_id)]
        return {"jobs": [job.to_wire() for job in jobs]}

    def get(self, job_id: str) -> dict[str, Any]:
        """One job; raises `JobNotFound`."""
        return self._find(job_id).to_wire()

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Stop a job after the frame in work, or at once while it waits; what it finished stays."""
        job = self._find(job_id)
        self._cancel(job)
        return job.to_wire()

    def cancel_video(self, video_id: str) -> None:
        """Stop every job of a video and wait for the one in work."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if job.video_id == video_id]
        for job in jobs:
            self._cancel(job)
        deadline = monotonic() + 30
        while any(job.row.state in UNFINISHED for job in jobs) and monotonic() < deadline:
            sleep(0.02)

    def resume(self, project: Project) -> int:
        """Know a video's jobs again, and go on with what a stop of the process left unfinished.

        Answers how many that are.
        """
        rows = project.db.read(list_jobs)
        unfinished = [row for row in rows if row.state in UNFINISHED]
        for row in [*rows[-KEPT_JOBS:], *unfinished]:
            with self._lock:
                known = row.job_id in self._jobs
                if not known and row.state not in UNFINISHED:
                    self._jobs[row.job_id] = _Job(project.video_id, row, Signal(), Progress())
            if not known and row.state in UNFINISHED:
                self._enqueue(project.video_id, row)
        return len(unfinished)

    def running(self) -> int:
        """How many jobs are not finished."""
        with self._lock:
            return sum(job.row.state in UNFINISHED for job in self._jobs.values())

    def close(self) -> None:
        """Stop after the frame in work; unfinished jobs go on at the next start."""
        self._closing = True
        self._queue.put(None)
        self._thread.join()

    def _under_way(self, project: Project, plan: RunPlan, params: dict[str, Any]) -> JobRow | None:
        """The job that does what is asked already: the key was pressed twice."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if job.video_id == project.video_id]
        for job in jobs:
            row = job.row
            if (
                row.state not in UNFINISHED
                or not same_work(row.params, params)
                or job.cancelled.is_set()
            ):
                continue
            if row.state is JobState.QUEUED or self._propagation.is_newest_run(
                project, plan, row.run
            ):
                return row
        return None

    def _cancel(self, job: _Job) -> None:
        job.cancelled.set()
        if self._take(job):
            self._end(job, JobState.CANCELLED)

    def _take(self, job: _Job) -> bool:
        """Whether the caller is the first to decide what becomes of a waiting job."""
        with self._lock:
            first, job.taken = not job.taken, True
        self._line_up()
        return first

    def _line_up(self) -> None:
        """Who moved up in the line is told so."""
        with self._lock:
            waiting = [job for job in self._jobs.values() if job.waits]
            moved = [job for at, job in enumerate(waiting, start=1) if job.position != at]
            for at, job in enumerate(waiting, start=1):
                job.position = at
        for job in moved:
            self._announce(job, EventName.JOB_PROGRESS)

    def _find(self, job_id: str) -> _Job:
        with self._lock:
            job = self._jobs.get(job_id) if isinstance(job_id, str) else None
        if job is None:
            raise JobNotFound(str(job_id)[:80])
        return job

    def _repeated(self, project: Project, command: Command) -> dict[str, Any] | None:
        return project.db.read(lambda tx: find_op(tx, command.client_id, command.seq))

    def _read_pauses_again(self, project: Project) -> None:
        """A new run of a pair goes on where the one before paused, or takes its place."""
        rows = {row.job_id: row for row in project.db.read(list_jobs)}
        with self._lock:
            paused = [job for job in self._jobs.values() if job.row.paused]
        for job in paused:
            if job.row.job_id in rows:
                job.row = replace(job.row, paused=rows[job.row.job_id].paused)

    def _enqueue(self, video_id: str, row: JobRow) -> None:
        job = _Job(video_id, row, Signal(), Progress())
        with self._lock:
            self._jobs[row.job_id] = job
        self._line_up()
        self._queue.put(job)

    def _loop(self) -> None:
        while (job := self._queue.get()) is not None and not self._closing:
            if self._take(job):
                self._run(job)

    def _run(self, job: _Job) -> None:
        try:
            project = self._projects.get(job.video_id)
            project.busy += 1
            try:
                self._work(project, job)
            finally:
                project.busy -= 1
        except Cancelled:
            self._end(job, JobState.CANCELLED)
        except FsyncFailed:
            stop_at_once()
        except Exception as error:  # noqa: BLE001 - boundary: the error becomes the job's state
            log.exception("%s: job %s failed", job.video_id, job.row.job_id)
            fields = error_fields(error)
            fields.pop("status")
            self._end(job, JobState.FAILED, fields)
        else:
            if not self._closing:
                self._end(job, JobState.DONE)

    def _work(self, project: Project, job: _Job) -> None:
        while not self._closing:
            self._check(job)
            try:
                if self._propagation.can_run():
                    self._carry(project, job)
                    return
                sleep(MODEL_POLL_S)  # the model is still being fetched or loaded
            except EngineClosed:
                log.info("%s: job %s goes on with the new model", job.video_id, job.row.job_id)

    def _carry(self, project: Project, job: _Job) -> None:
        row = self._propagation.begin(project, job.row)
        self._update(project, job, replace(row, state=JobState.RUNNING))
        job.progress.start(job.row.done)
        self._announce(job, EventName.JOB_PROGRESS)

        def committed(done: int, frame_idx: int) -> None:
            job.row = replace(job.row, done=done)
            job.progress.advance(done, frame_idx)
            self._announce(job, EventName.JOB_PROGRESS)

        watch = Watch(project, job.row, self._lost_frames)
        sink = MaskSink(project, job.row.job_id, job.row.run, self._bus, committed, watch)
        try:
            with closing(self._propagation.steps(project, job.row)) as steps:
                for step in steps:
                    if step is not None:
                        sink.put(step)
                    self._check(job)
                    if sink.alarm is not None:
                        break
                    if self._closing:
                        return
        finally:
            sink.close()
            _raise_if_paused(job, sink)
        self._propagation.finish(project, job.row)

    def _check(self, job: _Job) -> None:
        if job.cancelled.is_set():
            raise Cancelled(job.row.job_id)

    def _end(self, job: _Job, state: JobState, error: dict[str, Any] | None = None) -> None:
        row = replace(job.row, state=state, error=error)
        try:
            self._update(self._projects.get(job.video_id), job, row)
        except Exception:  # noqa: BLE001 - boundary: a full disk must not end the runner
            log.exception("%s: the end of job %s was not saved", job.video_id, row.job_id)
            job.row = row
        self._announce(job, EventName.JOB_ENDED)

    def _update(self, project: Project, job: _Job, row: JobRow) -> None:
        project.db.write(lambda tx: save_job(tx, row))
        job.row = row

    def _announce(self, job: _Job, name: EventName) -> None:
        self._bus.publish(Event(name, job.to_wire(), video_id=job.video_id))


def _raise_if_paused(job: _Job, sink: MaskSink) -> None:
    """A pause is stored by now, whatever else happens to the job."""
    if sink.alarm is not None:
        job.row = replace(job.row, paused=sink.alarm.to_wire())
        raise Cancelled(job.row.job_id)


def _new_row(params: dict[str, Any], total: int, *, run: int, done: int) -> JobRow:
    return JobRow(
        job_id=secrets.token_hex(8),
        kind="propagate",
        state=JobState.QUEUED,
        params=params,
        run=run,
        done=done,
        total=total,
        created_at=time.time(),
    )
