"""Runs and exports one item of a batch, and waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

from sam2_session.core.errors import Cancelled, NothingToDo, RemoteError
from sam2_session.core.run_request import RunRequest
from sam2_session.core.types import UNFINISHED, Direction, JobState
from sam2_session.services.batches.batch_exports import BatchExports, ItemExport
from sam2_session.services.batches.batch_job import OnHold, ProcessingStopped
from sam2_session.services.batches.records import Batch, ExportChoice
from sam2_session.services.jobs.job import Job
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.projects.projects import Projects
from sam2_session.services.propagation.runs import RunService
from sam2_session.services.videos.info import VideoState
from sam2_session.storage.extraction import require_space
from sam2_session.storage.frame_rows import prompted_frames

Check = Callable[[], None]  # waits a moment; raises to stop here


class ItemRunner(Protocol):
    """Runs and exports single items, in this process or on the members of a cluster."""

    def at_once(self) -> int:
        """Return how many items to have under way at a time."""

    def num_frames(self, video_id: str) -> int:
        """Return how many frames a video has, as far as known."""

    def frames_done(self, video_id: str) -> int:
        """Return how many frames the job that is waited for has done."""

    def prepare(self, video_ids: Iterable[str]) -> None:
        """Extract the frames of these videos, behind those that people opened."""

    def begin(self, video_id: str) -> str:
        """Queue a run of every pair to the video's end; return its job_id. Raises `NothingToDo`."""

    def run(self, video_id: str, check: Check) -> None:
        """Run a video and wait; raises why it failed."""

    def export(self, batch: Batch, video_id: str, check: Check) -> None:
        """Export a processed item as its batch wants it, and wait."""


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

    def at_once(self) -> int:
        """Return 1: a device runs one video after another."""
        return 1

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
        self.require_space()
        self._projects.workspace.become_writer_of(video_id)
        self._wait_for_frames(video_id, check)
        job_id = self.begin_unless_done(video_id)
        if job_id is not None:
            self._wait_for(video_id, self._registry.find(job_id), check)

    def require_space(self) -> None:
        """Raise `StorageFailed` if the disk is nearly full."""
        workspace = self._projects.workspace
        require_space(workspace.outputs_dir, workspace.min_free_bytes)

    def has_frames(self, video_id: str) -> bool:
        """Return whether every frame is there, and have missing ones extracted.

        Raises why that cannot be.
        """
        info = self._videos.info(video_id)
        if info.state is VideoState.READY:
            return True
        if info.error:
            raise info.error
        self._videos.prepare(video_id)
        return False

    def begin_unless_done(self, video_id: str) -> str | None:
        """Queue a run as `begin` does; None if the video is processed already.

        Raises `NothingToDo` for a video without prompts.
        """
        try:
            return self.begin(video_id)
        except NothingToDo:
            self._require_prompts(video_id)
            return None  # processed by hand, or before a restart

    def note_length(self, video_id: str) -> None:
        """Read how long a video is that another process extracted."""
        if self.num_frames(video_id) == 0:
            self._videos.reread(video_id)

    def job(self, job_id: str) -> dict[str, Any]:
        """Describe a run or an export. Raises `JobNotFound`."""
        return self._registry.get(job_id)

    def cancel_job(self, job_id: str) -> None:
        """Stop a run or an export, and wait until it has ended. Raises `JobNotFound`."""
        job = self._registry.find(job_id)
        job.cancel()
        self._registry.wait([job])

    def check_export(self, choice: ExportChoice) -> None:
        """Raise `InvalidRequest` for an unknown format or option."""
        self._exports.check(choice)

    def wanted_export(self, batch: Batch, video_id: str) -> ItemExport | None:
        """Describe the export that a batch wants of an item; None if it wants none."""
        return self._exports.of_item(batch, video_id)

    def export(self, batch: Batch, video_id: str, check: Check) -> None:
        """Export a processed item as its batch wants it, and wait."""
        item = self.wanted_export(batch, video_id)
        if item is not None:
            job_id = self.begin_export(item)
            self._wait_for(video_id, self._registry.find(job_id), check)
            self.collect_export(item, job_id)

    def begin_export(self, item: ItemExport) -> str:
        """Queue the export of an item; return its job_id."""
        return self._exports.begin(item)

    def collect_export(self, item: ItemExport, job_id: str) -> None:
        """Move a finished export into the batch's folder."""
        self._exports.collect(item, job_id)

    def join_exports(self, batch: Batch) -> str | None:
        """Make what is exported of the whole batch; say why if that cannot be."""
        choice = batch.processing.export if batch.processing else None
        return self._exports.join(batch.batch_id, choice) if choice else None

    def _wait_for_frames(self, video_id: str, check: Check) -> None:
        while not self.has_frames(video_id):
            check()

    def _wait_for(self, video_id: str, job: Job, check: Check) -> None:
        self._current[video_id] = job
        try:
            while job.state in UNFINISHED:
                check()
        except ProcessingStopped:
            raise  # the run goes on at the next start
        except (Cancelled, OnHold):
            self.cancel_job(job.job_id)
            raise
        finally:
            del self._current[video_id]
        require_done(job.state, job.to_wire())

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


def require_done(state: JobState, wire: dict[str, Any]) -> None:
    """Raise why a job that has ended is not done."""
    if state is JobState.CANCELLED:
        raise Cancelled("It was cancelled.", hint="Process it again to go on.")
    if state is JobState.FAILED:
        raise _as_error(wire["error"] or {})


def _as_error(fields: dict[str, Any]) -> RemoteError:
    """Make an error of the fields that a failed job keeps."""
    return RemoteError(
        str(fields.get("code", "error")),
        str(fields.get("message", "It failed.")),
        hint=str(fields.get("hint", "")),
        status=500,
    )
