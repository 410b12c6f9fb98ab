"""Compacts videos: those open and idle by itself, any one on request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sam2_session.core.errors import Conflict, SessionError
from sam2_session.core.types import UNFINISHED
from sam2_session.loops import Loop
from sam2_session.runtime import Lock, Signal, monotonic
from sam2_session.services.compaction.compaction import Freed, VideoCompaction
from sam2_session.services.compaction.track_log_bound import TrackLogBound
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.op_rows import current_rev

PAUSE_S = 15.0  # between two looks for an idle video
NICENESS = 10

log = logging.getLogger(__name__)


class CompactionService:
    """Compacts one video at a time; says in the log and in `/metrics` what it freed."""

    def __init__(self, projects: Projects, jobs: JobRegistry, track_logs: TrackLogBound) -> None:
        self._projects = projects
        self._jobs = jobs
        self._track_logs = track_logs
        self._seen: dict[str, tuple[int, int]] = {}  # video_id -> rev, newest base, when compacted
        self._total = Freed()
        self._dropped_logs = 0
        self._one_at_a_time = Lock()
        self._closing = Signal()
        self._loop: Loop | None = None

    def start(self) -> None:
        """Begin to look for idle videos."""
        self._loop = Loop(self._compact_idle, name="compaction", niceness=NICENESS)

    def close(self) -> None:
        """Stop after the batch under way."""
        self._closing.set()
        if self._loop is not None:
            self._loop.join()

    def compact(self, video_id: str) -> dict[str, Any]:
        """Compact a video now. Raises `Conflict` while a job of it goes on."""
        project = self._projects.get(video_id)
        if self._is_worked_on(video_id):
            raise Conflict(
                "A job of this video is under way.", hint="Wait for its end, or cancel it."
            )
        freed = self._compact(project, lambda: not self._closing.is_set())
        return {"video_id": video_id, **freed.to_wire()}

    def figures(self) -> dict[str, int]:
        """Return sizes and counts since the start, for `/metrics`."""
        sizes = [self._track_logs.size(project) for project in self._projects.opened()]
        return {
            "track_log_bytes": sum(sizes),
            "track_logs_dropped": self._dropped_logs,
            "compaction_freed_bytes": self._total.bytes,
        }

    def _compact_idle(self) -> bool:
        if self._closing.wait(PAUSE_S):
            return False
        for project in self._projects.opened():
            if self._closing.is_set():
                return False
            if not project.is_read_only and self._is_left_alone(project) and self._is_new(project):
                try:
                    self._compact(project, lambda: self._is_left_alone(project))  # noqa: B023 - at once
                except SessionError as error:  # closed or damaged meanwhile, or a full disk
                    log.warning("%s is not compacted: %s", project.video_id, error)
        return True

    def _is_left_alone(self, project: Project) -> bool:
        is_idle = project.is_idle(monotonic()) and not self._is_worked_on(project.video_id)
        return is_idle and not self._closing.is_set()

    def _is_worked_on(self, video_id: str) -> bool:
        return any(job.state in UNFINISHED for job in self._jobs.jobs(video_id))

    def _is_new(self, project: Project) -> bool:
        rev, _ = self._seen.get(project.video_id, (-1, 0))
        return project.db.read(current_rev) != rev

    def _compact(self, project: Project, goes_on: Callable[[], bool]) -> Freed:
        with self._one_at_a_time, project.kept_open():
            freed = self._compact_database(project, goes_on)
            dropped, pairs = self._track_logs.drop_oldest(project)
        freed = replace(freed, bytes=freed.bytes + dropped)
        self._total += freed
        self._dropped_logs += len(pairs)
        for key in pairs:
            log.info("%s: its track log was dropped for room; its next run begins anew", key)
        if freed != Freed():
            log.info("%s: compacted: %s", project.video_id, freed.to_wire())
        return freed

    def _compact_database(self, project: Project, goes_on: Callable[[], bool]) -> Freed:
        video_id = project.video_id
        _, unused_up_to = self._seen.get(video_id, (0, 0))
        rev = project.db.read(current_rev)
        video = VideoCompaction(project.db, project.workspace, video_id, project.lock.for_files)
        newest = video.newest_base
        freed = video.run(unused_up_to=unused_up_to, goes_on=goes_on)
        if goes_on():
            self._seen[video_id] = (rev, newest)
        return freed
