"""Executes one run at a time: predicts its frames, and writes their masks."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace

from sam2_session.core.errors import Cancelled, EngineClosed
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import JobState
from sam2_session.runtime import sleep
from sam2_session.services.masks.replaced_masks import ReplacedMasks
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.propagation.mask_flags import FlagFinder
from sam2_session.services.propagation.mask_writer import MaskWriter
from sam2_session.services.propagation.plan import RunPlan
from sam2_session.services.propagation.propagation import PropagationService
from sam2_session.services.propagation.run_job import RunJob
from sam2_session.storage.job_rows import JobRow, save_job

MODEL_POLL_S = 0.05

log = logging.getLogger(__name__)


class Runner:
    """Executes run jobs in the thread of their queue; clicks are served between the frames."""

    def __init__(
        self,
        projects: Projects,
        propagation: PropagationService,
        bus: EventBus,
        lost_frames: int,
        replaced: ReplacedMasks,
    ) -> None:
        self._projects = projects
        self._propagation = propagation
        self._bus = bus
        self._lost_frames = lost_frames
        self._replaced = replaced

    def run(self, job: RunJob) -> None:
        """Run to the last frame; waits for a model, and continues if the model is exchanged."""
        project = self._projects.get(job.video_id)
        with project.kept_open():
            while True:
                job.check()
                try:
                    if self._propagation.can_run():
                        self._run(project, job)
                        return
                    sleep(MODEL_POLL_S)  # the model is still being fetched or loaded
                except EngineClosed:
                    log.info("%s: job %s goes on with the new model", job.video_id, job.job_id)

    def save(self, job: RunJob, row: JobRow) -> None:
        """Commit a job's row, and set it on the job."""
        self._projects.get(job.video_id).db.write(lambda tx: save_job(tx, row))
        job.row = row

    def _run(self, project: Project, job: RunJob) -> None:
        writer = self._begin(project, job)
        try:
            with closing(self._propagation.frames(project, job)) as frames:
                for frame in frames:
                    if frame is not None:
                        writer.put(frame)
                    job.check()
                    if writer.pause is not None:
                        break
        finally:
            writer.close()
            _raise_if_paused(job, writer)
        self._propagation.finish(project, job.row)
        self._announce_stretches(project, job)

    def _announce_stretches(self, project: Project, job: RunJob) -> None:
        """Let clients read again the pairs whose other masks are stale no longer."""
        plan = RunPlan.from_json(project.video_id, job.row.params)
        for key in filter(plan.is_stretched, plan.firsts):
            data = {"key": key.to_wire(), "rev": 0, "client_id": None}
            self._bus.publish(Event(EventName.MASKS_CHANGED, data, video_id=key.video_id))

    def _begin(self, project: Project, job: RunJob) -> MaskWriter:
        row = self._propagation.start.begin(project, job.row, job.check)
        self.save(job, replace(row, state=JobState.RUNNING))
        job.progress.start(job.row.done)
        job.announce()
        flags = FlagFinder(project, job.row, self._lost_frames)
        return MaskWriter(project, job, self._bus, flags, self._replaced)


def _raise_if_paused(job: RunJob, writer: MaskWriter) -> None:
    """Stop the job at a flagged mask; the pause is already stored."""
    if writer.pause is not None:
        job.row = replace(job.row, paused=writer.pause.to_wire())
        raise Cancelled(job.job_id)
