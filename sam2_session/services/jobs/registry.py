"""Lists, finds, cancels and announces the jobs of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sam2_session.core.errors import JobNotFound
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import UNFINISHED
from sam2_session.runtime import Lock, monotonic, sleep
from sam2_session.services.jobs.job import Job

KEPT_ENDED = 50  # ended jobs that stay listed, for each kind and video
KEPT_UNLISTED = 50  # jobs of deleted videos
CANCEL_WAIT_S = 30.0  # the longest wait for the next step of a cancelled job
POLL_S = 0.02


class JobRegistry:
    """Knows every job of this process by its id, oldest first."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self._jobs: dict[str, Job] = {}
        self._unlisted: dict[str, Job] = {}  # of deleted videos, the newest last
        self._lock = Lock()

    def add(self, job: Job, *, replace: bool = False) -> bool:
        """List a job; False if its id is listed already, unless the job replaces that one."""
        with self._lock:
            if replace:
                self._jobs.pop(job.job_id, None)
            if job.job_id in self._jobs:
                return False
            self._jobs[job.job_id] = job
        return True

    def jobs(self, video_id: str | None = None) -> list[Job]:
        """Return all jobs, or the jobs of a video, oldest first."""
        with self._lock:
            return [job for job in self._jobs.values() if video_id in (None, job.video_id)]

    def find(self, job_id: object) -> Job:
        """Return the job of this id. Raises `JobNotFound`."""
        with self._lock:
            name = job_id if isinstance(job_id, str) else ""
            job = self._jobs.get(name) or self._unlisted.get(name)
        if job is None:
            raise JobNotFound(str(job_id)[:80])
        return job

    def get(self, job_id: object) -> dict[str, Any]:
        """Describe one job. Raises `JobNotFound`."""
        return self.find(job_id).to_wire()

    def cancel(self, job_id: object) -> dict[str, Any]:
        """Stop a job and describe it; its finished results stay. Raises `JobNotFound`."""
        job = self.find(job_id)
        job.cancel()
        return job.to_wire()

    def cancel_video(self, video_id: str) -> None:
        """Stop every job of a video, and wait up to `CANCEL_WAIT_S` until they have ended."""
        jobs = self.jobs(video_id)
        for job in jobs:
            job.cancel()
        self.wait(jobs)

    def forget_video(self, video_id: str) -> None:
        """List the jobs of a deleted video no more; who waits for one still reads how it ended."""
        jobs = self.jobs(video_id)
        self.forget(jobs)
        with self._lock:
            self._unlisted |= {job.job_id: job for job in jobs}
            while len(self._unlisted) > KEPT_UNLISTED:
                del self._unlisted[next(iter(self._unlisted))]

    def forget(self, jobs: Sequence[Job]) -> None:
        """List these jobs no more: their video is gone, or another process of the cluster does."""
        with self._lock:
            for job in jobs:
                self._jobs.pop(job.job_id, None)

    def wait(self, jobs: Sequence[Job]) -> None:
        """Wait up to `CANCEL_WAIT_S` until cancelled jobs have ended."""
        until_s = monotonic() + CANCEL_WAIT_S
        while any(job.state in UNFINISHED for job in jobs) and monotonic() < until_s:
            sleep(POLL_S)

    def announce(self, job: Job, name: EventName = EventName.JOB_PROGRESS) -> None:
        """Announce a job to the viewers of its video; without a video, to all clients."""
        self._bus.publish(Event(name, job.to_wire(), video_id=job.video_id))

    def announce_end(self, job: Job) -> None:
        """Announce the end of a job, and drop the oldest ended jobs of its kind and video."""
        self.announce(job, EventName.JOB_ENDED)
        with self._lock:
            ended = [
                other.job_id
                for other in self._jobs.values()
                if (other.kind, other.video_id) == (job.kind, job.video_id)
                and other.state not in UNFINISHED
            ]
            for job_id in ended[:-KEPT_ENDED]:
                del self._jobs[job_id]

    def list(self, video_id: str | None = None) -> dict[str, Any]:
        """Describe all jobs, or the jobs of a video, oldest first, as ``{jobs}``."""
        return {"jobs": [job.to_wire() for job in self.jobs(video_id)]}
