"""The jobs of a runner: found by id or video, and those that wait know their place in the line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.runtime import Lock, monotonic, sleep

LEAVE_S = 30.0  # how long a job that is cancelled may take to its next step
POLL_S = 0.02


class LinedUp(Protocol):
    """What a line must know of a job; position 1 is next."""

    position: int | None

    @property
    def job_id(self) -> str: ...

    @property
    def video_id(self) -> str: ...

    @property
    def state(self) -> JobState: ...

    @property
    def waits(self) -> bool: ...

    def to_wire(self) -> dict[str, Any]: ...


J = TypeVar("J", bound=LinedUp)


class JobLine(Generic[J]):
    """In the order they came."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self._jobs: dict[str, J] = {}
        self._lock = Lock()

    def remember(self, job: J, *, most_waiting: int | None = None) -> bool:
        """Keep a job; False if it is known, or too many wait."""
        with self._lock:
            waiting = sum(one.waits for one in self._jobs.values())
            if job.job_id in self._jobs or (most_waiting is not None and waiting >= most_waiting):
                return False
            self._jobs[job.job_id] = job
        return True

    def forget_ended(self, kept: int) -> None:
        """List only the newest of those that ended."""
        with self._lock:
            ended = [one.job_id for one in self._jobs.values() if one.state not in UNFINISHED]
            for job_id in ended[: max(len(ended) - kept, 0)]:
                del self._jobs[job_id]

    def find(self, job_id: object) -> J | None:
        """A job by its id."""
        with self._lock:
            return self._jobs.get(job_id) if isinstance(job_id, str) else None

    def jobs(self, video_id: str | None = None) -> list[J]:
        """All jobs, or a video's, oldest first."""
        with self._lock:
            return [job for job in self._jobs.values() if video_id in (None, job.video_id)]

    def move_up(self) -> None:
        """Who has another place in the line now is told so."""
        with self._lock:
            waiting = [job for job in self._jobs.values() if job.waits]
            moved = [job for at, job in enumerate(waiting, start=1) if job.position != at]
            for at, job in enumerate(waiting, start=1):
                job.position = at
        for job in moved:
            self.announce(job, EventName.JOB_PROGRESS)

    def announce(self, job: J, name: EventName) -> None:
        """Tell everybody who looks at the video."""
        self._bus.publish(Event(name, job.to_wire(), video_id=job.video_id))

    def wait_for(self, jobs: Sequence[J]) -> None:
        """Until these, cancelled before, have ended; not longer than `LEAVE_S`."""
        until_s = monotonic() + LEAVE_S
        while any(job.state in UNFINISHED for job in jobs) and monotonic() < until_s:
            sleep(POLL_S)
