"""Takes over a video that another process of a cluster wrote to, and hands one over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sam2_session.core.errors import Conflict
from sam2_session.core.types import UNFINISHED
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.propagation.run_job import KIND as RUN
from sam2_session.services.propagation.runs import RunService
from sam2_session.services.recovery.recovery import Recovery
from sam2_session.services.videos.info import VideoState
from sam2_session.services.videos.service import VideoService


class Handover:
    """Uses what a start and an end of the process use, for one video; the lease is the caller's."""

    def __init__(
        self,
        videos: VideoService,
        projects: Projects,
        runs: RunService,
        jobs: JobRegistry,
        recovery: Recovery,
        recovered: Callable[[Project], int],
    ) -> None:
        self._videos = videos
        self._projects = projects
        self._runs = runs
        self._jobs = jobs
        self._recovery = recovery
        self._recovered = recovered

    def take(self, video_id: str) -> None:
        """Read a video from disk, mend what a crash left, and continue its runs and predictions.

        Masks follow also if no page opens the video: its clicks were acknowledged.
        """
        self._videos.adopt(video_id)
        if video_id in self._projects.with_annotations():
            self._recovery.run_one(video_id, self._recovered)

    def give(self, video_id: str) -> None:
        """Stop writing to a video; its runs are stopped where they are, and continue elsewhere.

        Raises `Conflict` while another job of the video is under way.
        """
        jobs = self._jobs.jobs(video_id)
        busy = [job for job in jobs if job.state in UNFINISHED and job.kind != RUN]
        if busy:
            raise Conflict(
                f"A job of {video_id} is under way ({busy[0].kind}).",
                hint="Wait for its end, or cancel it.",
            )
        self._runs.put_down(video_id)
        self._projects.finish_files(video_id)
        self._projects.close_one(video_id)
        self._videos.let_go(video_id)
        self._jobs.forget(jobs)

    def is_busy(self, video_id: str) -> bool:
        """Return whether something goes on with a video: a job, or its extraction."""
        info = self._videos.find(video_id)
        is_extracting = info is not None and info.state is VideoState.EXTRACTING
        return is_extracting or any(j.state in UNFINISHED for j in self._jobs.jobs(video_id))

    def weigh_runs(self, elsewhere: Mapping[str, int]) -> None:
        """Share this device by the runs that clients have under way in other processes."""
        self._runs.weigh(elsewhere)

    def rows(self, video_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return videos in wire form, deleted ones left out."""
        return [self._videos.to_wire(v) for v in video_ids if self._videos.find(v) is not None]
