"""The videos whose annotations are open: opens each once, and closes those long idle."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sam2_session.core.errors import (
    DamagedDatabase,
    InvalidRequest,
    RegionNotFound,
    SessionError,
    StorageFailed,
)
from sam2_session.core.types import SessionKey
from sam2_session.runtime import Lock, monotonic
from sam2_session.services.projects.annotation_counts import AnnotationCounts
from sam2_session.services.projects.closings import Closings
from sam2_session.services.projects.late_writer import LateWriter
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.region_book import RegionBook
from sam2_session.services.projects.regions import Region
from sam2_session.services.projects.repair_queue import RepairQueue
from sam2_session.services.videos.service import VideoService
from sam2_session.storage import atomic
from sam2_session.storage.lock import is_held
from sam2_session.storage.workspace import Workspace

MAX_OPEN = 64  # videos, as long as some of them are idle


class Projects:
    """Opens each video's annotations once and keeps them open; closes those long idle."""

    def __init__(
        self,
        workspace: Workspace,
        videos: VideoService,
        region_book: RegionBook,
        counts: AnnotationCounts,
        repairs: RepairQueue,
    ) -> None:
        self.workspace = workspace
        self.videos = videos
        self._region_book = region_book
        region_book.before_reading(self.finish_all_files)
        self._counts = counts
        self._repairs = repairs
        self._writer = LateWriter()
        self._before_reading: list[Callable[[str], None]] = []
        self.before_use: Callable[[str], None] = lambda _: None  # of a video; it may wait
        self._open: dict[str, Project] = {}
        self._closings = Closings()
        self._lock = Lock()

    @property
    def is_read_only(self) -> bool:
        """Return whether nothing can be written to outputs/ now."""
        return self.workspace.is_read_only

    @property
    def regions(self) -> tuple[Region, ...]:
        """Regions that every instance has, in the order of the page."""
        return self._region_book.all

    def get(self, video_id: str) -> Project:
        """Return a video's project. Raises `VideoNotFound`; `Conflict` if another server has it."""
        self.before_use(video_id)
        while (project := self._get(video_id)) is None:
            self._closings.wait(video_id)
        return project

    def _get(self, video_id: str) -> Project | None:
        """Return a video's project, opened if need be; None if it is being closed now."""
        with self._lock:
            project = self._open.get(video_id)
            if project is None and video_id in self._closings:
                return None
            if project is not None and project.is_read_only and not self.is_read_only:
                # it may be changed by now: opened again, it is the file itself
                project = None if project.try_close(lambda: None) else project
            if project is None:
                self.videos.info(video_id)
                self._close_idle()
                project = self._open[video_id] = self._load(video_id)
            project.used_at = monotonic()
            return project

    def _close_idle(self) -> None:
        """Close the projects longest unused: each open one takes files and a thread.

        Whoever changes a project may wait for this list, so its lock is never waited for here.
        """
        now = monotonic()
        idle = [project for project in self._open.values() if project.is_idle(now)]
        idle.sort(key=lambda project: project.used_at)
        for project in idle[: max(0, len(self._open) + 1 - MAX_OPEN)]:
            last_count = partial(self._counts.remove, project.video_id, project.db)
            if project.try_close(last_count):
                del self._open[project.video_id]

    def _load(self, video_id: str) -> Project:
        try:
            project = Project(video_id, self.workspace, self.videos, self._repairs, self._writer)
        except StorageFailed as error:
            self.videos.note_damage(video_id, error)
            raise
        except OSError as error:
            damage = atomic.storage_failed(self.workspace.video_dir(video_id), error)
            self.videos.note_damage(video_id, damage)
            raise damage from error
        self.videos.note_damage(video_id, None)
        self._counts.add(video_id, project.db)
        return project

    def note_failure(self, video_id: str, error: SessionError) -> None:
        """Mark a video whose annotations cannot be used; retry the files of an open one."""
        project = self.peek(video_id)
        if isinstance(error, DamagedDatabase):
            self.close_one(video_id)  # opened again, it is checked again
        elif project is not None and isinstance(error, StorageFailed):
            project.fell_behind(error)
            return
        if isinstance(error, StorageFailed):
            self.videos.note_damage(video_id, error)

    def key(self, video_id: str, instance_id: int, region: str) -> tuple[Project, SessionKey]:
        """Return a project and a key checked against it."""
        project = self.get(video_id)
        self.require_region(region)
        project.instance(instance_id)
        return project, SessionKey(video_id, instance_id, region)

    def of(self, key: SessionKey) -> Project:
        """Open the project of a pair. Raises `RegionNotFound`, `InstanceNotFound`."""
        return self.key(key.video_id, key.instance_id, key.region)[0]

    def require_region(self, region: str) -> None:
        """Raise `RegionNotFound` for a region that is not in the list."""
        if region not in {known.name for known in self.regions}:
            raise RegionNotFound(str(region)[:80])

    def require_frame(self, video_id: str, frame_idx: int) -> None:
        """Raise if a frame does not exist or is not extracted yet."""
        if isinstance(frame_idx, bool) or not isinstance(frame_idx, int):
            raise InvalidRequest("frame_idx must be a whole number.")
        self.videos.frames.path(video_id, frame_idx)

    def with_annotations(self) -> list[str]:
        """Return every video_id that has a database on disk."""
        paths = self.workspace.outputs_dir.glob("*/session.sqlite3")
        return sorted(path.parent.name for path in paths if path.parent.name[0] != ".")

    def peek(self, video_id: str) -> Project | None:
        """Return the project if it is open now."""
        with self._lock:
            return self._open.get(video_id)

    def is_elsewhere(self, video_id: str) -> bool:
        """Return whether another server has the video open now."""
        return self.peek(video_id) is None and is_held(self.workspace.lock_path(video_id))

    def opened(self) -> list[Project]:
        """Return the projects that are open now."""
        with self._lock:
            return list(self._open.values())

    def before_reading(self, finish: Callable[[str], None]) -> None:
        """Call `finish` with a video_id in `finish_files`: it waits for masks on their way."""
        self._before_reading.append(finish)

    def finish_masks(self, video_id: str) -> None:
        """Wait until masks whose prompts were answered or removed are on disk; hold no lock."""
        for finish in self._before_reading:
            finish(video_id)

    def write_files(self, video_id: str | None = None) -> None:
        """Write the JSON files of an open video, or of all, that lag behind their database."""
        for project in self.opened():
            if video_id in (None, project.video_id):
                project.write_files()

    def finish_files(self, video_id: str) -> None:
        """Wait until all files of an open video are those of its database; hold no lock."""
        self.finish_masks(video_id)
        self.write_files(video_id)

    def finish_all_files(self) -> None:
        """Wait until all files of all open videos are those of their databases; hold no lock."""
        for project in self.opened():
            self.finish_files(project.video_id)

    def close_one(self, video_id: str) -> None:
        """Close a project between two changes; the next use opens it again."""
        self.before_use(video_id)
        project = self.peek(video_id)
        if project is None:
            return
        with project.lock:
            if self.peek(video_id) is not project:
                return
            with self._closings.of(video_id):
                with self._lock:
                    del self._open[video_id]
                try:
                    self._counts.remove(video_id, project.db)
                finally:
                    project.close()

    def close(self) -> None:
        """Close every project."""
        self._writer.close()
        for project in self.opened():
            self.close_one(project.video_id)
