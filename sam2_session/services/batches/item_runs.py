"""Runs and exports one item of a batch, and waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from sam2_session.core.errors import Cancelled, NothingToDo, RemoteError
from sam2_session.core.run_request import RunRequest
from sam2_session.core.types import UNFINISHED, Direction, JobState
from sam2_session.services.batches.batch_exports import BatchExports
from sam2_session.services.batches.batch_job import OnHold, ProcessingStopped
from sam2_session.services.batches.records import Batch, ExportChoice
from sam2_session.services.jobs.job import Job
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.projects.project import Projects
from sam2_session.services.propagation.runs import RunService
from sam2_session.services.videos.info import VideoState
from sam2_session.storage.extraction import require_space
from sam2_session.storage.frame_rows import prompted_frames

Check = Callable[[], None]  # waits a moment; raises to stop here


class ItemRuns:
    """Uses the queue of runs like everybody: a run that a person started meanwhile goes first."""

    def __init__(
        self, projects: Projects, runs: RunService, registry: JobRegistry, exports: BatchExports
    ) -> None:
        self._projects = projects
        self._videos = projects.videos
        self._runs = runs
        self._registry = registry
        self._exports = exports
        self._current: dict[str, Job] = {}  # by video_id: the run that is waited for

    def num_frames(self, video_id: str) -> int:
        """Return how many frames a video has, as far as known."""
        info = self._videos.find(video_id)
        return info.num_frames if info else 0

    def frames_done(self, video_id: str) -> int:
        """Return how many frames the run that is waited for has done."""
        job = self._current.get(video_id)
        return min(int(job.to_wire()["done"]), self.num_frames(video_id)) if job else 0

    def prepare(self, video_ids: Iterable[str]) -> None:
        """Extract the frames of these videos, behind those that people opened."""
        for video_id in video_ids:
            if self._videos.find(video_id) is not None:
                self._videos.prepare(video_id)

    def begin(self, video_id: str) -> str:
        """Queue a run of every pair to the video's end; return its job_id.

        It goes both ways where the first prompts are not on the first frame.
        """
        first = self._first_prompt(video_id)
        direction = Direction.BOTH if first else Direction.FORWARD
        answer = self._runs.propagate(video_id, RunRequest(direction=direction))
        return str(answer["job_id"])

    def run(self, video_id: str, check: Check) -> None:
        """Run a video whose frames are all there, and wait; raises why it failed.

        Raises `StorageFailed` before it begins if the disk is nearly full.
        """
        workspace = self._projects.workspace
        require_space(workspace.outputs_dir, workspace.min_free_bytes)
        workspace.become_writer_of(video_id)
        self._wait_for_frames(video_id, check)
        try:
            job_id = self.begin(video_id)
        except NothingToDo:
            self._require_prompts(video_id)
            return  # processed already, by hand or before a restart
        self._wait_for(video_id, self._registry.find(job_id), check)

    def check_export(self, choice: ExportChoice) -> None:
        """Raise `InvalidRequest` for an unknown format or option."""
        self._exports.check(choice)

    def export(self, batch: Batch, video_id: str, check: Check) -> None:
        """Export a processed item as its batch wants it, and wait."""
        choice = batch.processing.export if batch.processing else None
        if choice is None:
            return
        job_id = self._exports.begin(batch, video_id, choice)
        self._wait_for(video_id, self._registry.find(job_id), check)
        self._exports.collect(batch, video_id, choice, job_id)

    def join_exports(self, batch: Batch) -> str | None:
        """Make what is exported of the whole batch; say why if that cannot be."""
        choice = batch.processing.export if batch.processing else None
        return self._exports.join(batch.batch_id, choice) if choice else None

    def _wait_for_frames(self, video_id: str, check: Check) -> None:
        info = self._videos.info(video_id)
        while info.state is not VideoState.READY:
            if info.error:
                raise info.error
            self._videos.prepare(video_id)
            check()
            info = self._videos.info(video_id)

    def _wait_for(self, video_id: str, job: Job, check: Check) -> None:
        self._current[video_id] = job
        try:
            while job.state in UNFINISHED:
                check()
        except ProcessingStopped:
            raise  # the run goes on at the next start
        except (Cancelled, OnHold):
            job.cancel()
            self._registry.wait([job])
            raise
        finally:
            del self._current[video_id]
        if job.state is JobState.CANCELLED:
            raise Cancelled("It was cancelled.", hint="Process it again to go on.")
        if job.state is JobState.FAILED:
            raise _as_error(job.to_wire()["error"] or {})

    def _first_prompt(self, video_id: str) -> int:
        project = self._projects.get(video_id)
        firsts = [
            rows[0].frame_idx
            for key in project.pairs()
            if (rows := project.db.read(partial(prompted_frames, key=key)))
        ]
        return max(firsts, default=0)

    def _require_prompts(self, video_id: str) -> None:
        """Raise `NothingToDo` for a video without prompts."""
        project = self._projects.get(video_id)
        for key in project.pairs():
            if project.db.read(partial(prompted_frames, key=key)):
                return
        raise NothingToDo("Its points were removed.", hint="Click on the object, then try again.")


def _as_error(fields: dict[str, Any]) -> RemoteError:
    """Make an error of the fields that a failed job keeps."""
    return RemoteError(
        str(fields.get("code", "error")),
        str(fields.get("message", "It failed.")),
        hint=str(fields.get("hint", "")),
        status=500,
    )
