"""The thread that carries propagations, one after the other."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

from sam2_session.core.errors import Cancelled, EngineClosed, FsyncFailed, error_fields
from sam2_session.core.events import EventBus, EventName
from sam2_session.core.types import JobState
from sam2_session.runtime import Lock, Queue, sleep, spawn, stop_at_once
from sam2_session.services.jobs.job_line import JobLine
from sam2_session.services.projects.project import Project, Projects
from sam2_session.services.propagation.guards import Watch
from sam2_session.services.propagation.mask_sink import MaskSink
from sam2_session.services.propagation.propagation import PropagationService
from sam2_session.services.propagation.run_job import RunJob
from sam2_session.storage.job_rows import JobRow, save_job

MODEL_POLL_S = 0.05

log = logging.getLogger(__name__)


class Runner:
    """Jobs go in the order they came, clicks go between their frames."""

    def __init__(
        self,
        projects: Projects,
        propagation: PropagationService,
        bus: EventBus,
        line: JobLine[RunJob],
        lost_frames: int,
    ) -> None:
        self._projects = projects
        self._propagation = propagation
        self._bus = bus
        self._line = line
        self._lost_frames = lost_frames
        self._lock = Lock()
        self._queue: Queue[RunJob | None] = Queue()
        self._closing = False
        self._thread = spawn(self._loop, name="jobs")

    def put(self, job: RunJob) -> None:
        """Carry it when its turn comes."""
        self._line.move_up()
        self._queue.put(job)

    def cancel(self, job: RunJob) -> None:
        """Stop it after the frame in work, or at once while it waits."""
        job.cancelled.set()
        if self._take(job):
            self._end(job, JobState.CANCELLED)

    def close(self) -> None:
        """Stop after the frame in work; unfinished jobs go on at the next start."""
        self._closing = True
        self._queue.put(None)
        self._thread.join()

    def _take(self, job: RunJob) -> bool:
        """Whether the caller is the first to decide what becomes of a waiting job."""
        with self._lock:
            first, job.taken = not job.taken, True
        self._line.move_up()
        return first

    def _loop(self) -> None:
        while (job := self._queue.get()) is not None and not self._closing:
            if self._take(job):
                self._line.announce(job, EventName.JOB_PROGRESS)
                self._run(job)

    def _run(self, job: RunJob) -> None:
        try:
            project = self._projects.get(job.video_id)
            project.busy += 1
            try:
                self._work(project, job)
            finally:
                project.busy -= 1
        except Cancelled:
            self._end(job, JobState.CANCELLED)
        except _Closing:
            log.info("%s: job %s goes on at the next start", job.video_id, job.job_id)
        except FsyncFailed:
            stop_at_once()
        except Exception as error:  # noqa: BLE001 - boundary: the error becomes the job's state
            log.exception("%s: job %s failed", job.video_id, job.job_id)
            fields = error_fields(error)
            fields.pop("status")
            self._end(job, JobState.FAILED, fields)
        else:
            self._end(job, JobState.DONE)

    def _work(self, project: Project, job: RunJob) -> None:
        while True:
            self._check(job)
            try:
                if self._propagation.can_run():
                    self._carry(project, job)
                    return
                sleep(MODEL_POLL_S)  # the model is still being fetched or loaded
            except EngineClosed:
                log.info("%s: job %s goes on with the new model", job.video_id, job.job_id)

    def _carry(self, project: Project, job: RunJob) -> None:
        sink = self._begin(project, job)
        try:
            with closing(self._propagation.steps(project, job.row)) as steps:
                for step in steps:
                    if step is not None:
                        sink.put(step)
                    self._check(job)
                    if sink.alarm is not None:
                        break
        finally:
            sink.close()
            _raise_if_paused(job, sink)
        self._propagation.finish(project, job.row)

    def _begin(self, project: Project, job: RunJob) -> MaskSink:
        row = self._propagation.begin(project, job.row, partial(self._check, job))
        self._update(project, job, replace(row, state=JobState.RUNNING))
        job.progress.start(job.row.done)
        self._line.announce(job, EventName.JOB_PROGRESS)

        def committed(done: int, frame_idx: int) -> None:
            job.row = replace(job.row, done=done)
            job.progress.advance(done, frame_idx)
            self._line.announce(job, EventName.JOB_PROGRESS)

        watch = Watch(project, job.row, self._lost_frames)
        return MaskSink(project, job.job_id, job.row.run, self._bus, committed, watch)

    def _end(self, job: RunJob, state: JobState, error: dict[str, Any] | None = None) -> None:
        row = replace(job.row, state=state, error=error)
        try:
            self._update(self._projects.get(job.video_id), job, row)
        except Exception:  # noqa: BLE001 - boundary: a full disk must not end the runner
            log.exception("%s: the end of job %s was not saved", job.video_id, row.job_id)
            job.row = row
        self._line.announce(job, EventName.JOB_ENDED)

    def _update(self, project: Project, job: RunJob, row: JobRow) -> None:
        project.db.write(lambda tx: save_job(tx, row))
        job.row = row

    def _check(self, job: RunJob) -> None:
        if job.cancelled.is_set():
            raise Cancelled(job.job_id)
        if self._closing:
            raise _Closing


class _Closing(Exception):
    """The process ends; what is not finished goes on at its next start."""


def _raise_if_paused(job: RunJob, sink: MaskSink) -> None:
    """A pause is stored by now, whatever else happens to the job."""
    if sink.alarm is not None:
        job.row = replace(job.row, paused=sink.alarm.to_wire())
        raise Cancelled(job.job_id)
