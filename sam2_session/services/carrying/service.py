"""Carries placed keypoints to the frames around them, as a job; one change to undo."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sam2_session.core.errors import Conflict, NothingToDo
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import Keypoint
from sam2_session.runtime import Lock
from sam2_session.services.carrying.commit import Carried, commit
from sam2_session.services.carrying.frames import ObjectFrames
from sam2_session.services.carrying.sweeps import Found, Reach, carry
from sam2_session.services.jobs.background import BackgroundJob, FramesDone, MakeSteps
from sam2_session.services.jobs.job_queue import JobQueue
from sam2_session.services.projects.commands import Command, apply_once, raise_if_repeated
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.prompts.keypoint_corrections import Correction, placed_of
from sam2_session.storage.keypoint_rows import list_keypoints

KIND = "carry_keypoints"
TRIES = 3  # as somebody may change the placed keypoints meanwhile

Place = tuple[str, int]  # video_id, instance_id
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """Carry the keypoints of these names to the frames `first` … `last`; see `Correction`."""

    video_id: str
    instance_id: int
    names: frozenset[str]
    first: int
    last: int
    client_id: str | None
    action: int | None = None  # the change it follows; None: an action of its own


class CarryService:
    """Starts to carry keypoints; a person's own are never changed."""

    def __init__(self, projects: Projects, queue: JobQueue, bus: EventBus) -> None:
        self._projects = projects
        self._queue = queue
        self._bus = bus
        self._waiting: dict[
            Place, tuple[str, Correction]
        ] = {}  # with the job that has yet to begin
        self._lock = Lock()

    def start(
        self,
        video_id: str,
        instance_id: int,
        names: Sequence[str] | None,
        span: tuple[int | None, int | None],
        command: Command | None = None,
    ) -> dict[str, Any]:
        """Queue the carrying of these names, None: of all, in a span of frames.

        Returns ``{rev, job_id}``. Raises `NothingToDo` if nothing is placed that could be carried.
        """
        project = self._projects.get(video_id)
        raise_if_repeated(project, command)
        project.instance(instance_id, for_change=True)
        known = project.db.read(lambda tx: list_keypoints(tx, instance_id))
        wanted = frozenset({point.name for point in known} if names is None else names)
        if not any(point.visible for point in placed_of(known, wanted)):
            raise NothingToDo(
                "There is no keypoint to carry.", hint="Place one where its object has a mask."
            )
        last_extracted = self._projects.videos.info(video_id).extracted - 1
        first, last = span[0] or 0, last_extracted if span[1] is None else span[1]
        self._projects.require_frame(video_id, max(first, last))
        client_id = command.client_id if command else None
        task = Task(video_id, instance_id, wanted, min(first, last), max(first, last), client_id)
        job = self._job(project, task, partial(self._steps, task=task))
        self._queue.submit(job)
        return apply_once(project, command, lambda *_: {"job_id": job.job_id})

    def corrected(self, correction: Correction) -> None:
        """Carry anew after a correction; corrections that wait are joined into one job."""
        place = (correction.video_id, correction.instance_id)
        project, task = self._projects.get(correction.video_id), _task_of(correction)
        job = self._job(project, task, partial(self._steps_after, place=place))
        with self._lock:
            if place in self._waiting:
                job_id, waiting = self._waiting[place]
                self._waiting[place] = (job_id, waiting.joined(correction))
                return
            self._waiting[place] = (job.job_id, correction)
        job.clean_up = partial(self._forget, place, job.job_id)
        try:
            self._queue.submit(job)
        except Conflict as error:  # the correction itself is stored
            log.warning("%s: keypoints are not carried anew: %s", correction.video_id, error)
            self._forget(place, job.job_id)

    def _forget(self, place: Place, job_id: str) -> None:
        """Drop corrections whose job was cancelled before it began."""
        with self._lock:
            if self._waiting.get(place, ("", None))[0] == job_id:
                del self._waiting[place]

    def _job(self, project: Project, task: Task, steps: MakeSteps) -> BackgroundJob:
        reach = Reach.of(_placed(project, task), task.first, task.last)
        details = {
            "client_id": task.client_id,
            "label": ", ".join(sorted(task.names)[:3]),
            "start": task.first,
            "end": task.last,
        }
        return BackgroundJob(
            secrets.token_hex(8), KIND, task.video_id, reach.steps, steps, details=details
        )

    def _steps_after(self, job: BackgroundJob, place: tuple[str, int]) -> FramesDone:
        """Carry anew after all corrections that have come by now."""
        with self._lock:
            _, correction = self._waiting.pop(place)
        try:
            yield from self._steps(job, _task_of(correction))
        except NothingToDo:
            return

    def _steps(self, job: BackgroundJob, task: Task) -> FramesDone:
        """Follow the points, then commit; it can be cancelled until then, and leaves nothing."""
        project = self._projects.get(task.video_id)
        self._projects.finish_masks(task.video_id)
        with project.kept_open():
            for _ in range(TRIES):
                placed = _placed(project, task)
                frames = ObjectFrames(self._projects, project, task.instance_id)
                found = yield from _carried(job, frames, placed, task)
                with project.lock:
                    project.instance(task.instance_id, for_change=True)
                    carried = commit(project, task, placed, found)
                if carried is not None:
                    break
            else:
                raise Conflict(
                    "Somebody is changing these keypoints; nothing was carried.",
                    hint="Try again in a moment.",
                )
            if not carried.frames:
                _require_found(frames, placed, found)
            self._follow(job, project, task, carried)

    def _follow(self, job: BackgroundJob, project: Project, task: Task, carried: Carried) -> None:
        job.details |= {"made": len(carried.frames), "hidden": carried.hidden}
        if not carried.frames:
            return
        place = {"instance_id": task.instance_id, "region": None, "frame_idx": carried.frames[0]}
        job.details |= {"rev": carried.rev, "undo_at": place}
        project.write_keypoints(task.instance_id)
        project.write_files()
        data = {"video_id": task.video_id}
        self._bus.publish(Event(EventName.RESYNC, data, video_id=task.video_id))


def _carried(
    job: BackgroundJob, frames: ObjectFrames, placed: Sequence[Keypoint], task: Task
) -> Generator[int | None, None, Found]:
    reach = Reach.of(placed, task.first, task.last)
    job.total = job.done + reach.steps  # as it is now: more may have been placed since
    return (yield from carry(frames, placed, reach))


def _placed(project: Project, task: Task) -> list[Keypoint]:
    known = project.db.read(lambda tx: list_keypoints(tx, task.instance_id))
    return placed_of(known, task.names)


def _task_of(correction: Correction) -> Task:
    return Task(
        correction.video_id,
        correction.instance_id,
        correction.names,
        correction.first,
        correction.last,
        correction.client_id,
        correction.action,
    )


def _require_found(frames: ObjectFrames, placed: Sequence[Keypoint], found: Found) -> None:
    """Raise `NothingToDo` if not a single place was found, and say what it takes."""
    if any(found.values()):
        return
    if not frames.masked & {point.frame_idx for point in placed}:
        raise NothingToDo(
            "The object has no mask where its keypoints are placed.",
            hint="Click on the object and propagate, then carry its keypoints.",
        )
    raise NothingToDo(
        "No keypoint could be followed to another frame.",
        hint="Place it on its object, and propagate so that the frames beside it have masks.",
    )
