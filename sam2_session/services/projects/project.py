"""Annotations of open videos: database, lock and the JSON files beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sam2_session.core.errors import (
    Conflict,
    DamagedDatabase,
    FsyncFailed,
    HostUnavailable,
    InvalidRequest,
    RegionNotFound,
    SessionError,
    StorageFailed,
)
from sam2_session.core.types import Instance, SessionKey
from sam2_session.runtime import Lock, monotonic
from sam2_session.services.projects.annotation_counts import AnnotationCounts
from sam2_session.services.projects.change_lock import ChangeLock
from sam2_session.services.projects.closings import Closings
from sam2_session.services.projects.json_files import JsonFiles
from sam2_session.services.projects.late_writer import LateWriter
from sam2_session.services.projects.region_book import RegionBook
from sam2_session.services.projects.regions import Region
from sam2_session.services.projects.repair_queue import RepairQueue
from sam2_session.services.videos.service import VideoService
from sam2_session.storage import atomic
from sam2_session.storage.database import Database
from sam2_session.storage.frame_rows import touched_pairs
from sam2_session.storage.instance_rows import (
    add_first_instance,
    deleted_instances,
    get_instance,
    list_instances,
)
from sam2_session.storage.lock import VideoLock, is_held
from sam2_session.storage.opening import open_database
from sam2_session.storage.read_only_database import ReadOnlyDatabase
from sam2_session.storage.workspace import Workspace

MAX_OPEN = 64  # videos, as long as some of them are idle
IDLE_S = 120.0

log = logging.getLogger(__name__)


class Project:
    """One video's database and files, and the lock that orders changes of them.

    A change of a single frame only shares the lock, so that many of them share a commit.
    """

    def __init__(
        self,
        video_id: str,
        workspace: Workspace,
        videos: VideoService,
        repairs: RepairQueue,
        writer: LateWriter,
    ) -> None:
        self._repairs = repairs
        self._writer = writer
        self.video_id = video_id
        self.workspace = workspace
        self._videos = videos
        self._last_head: dict[str, Any] = {}
        self._head()
        self.lock = ChangeLock()
        self._users = 0
        self._users_lock = Lock()
        self.used_at = monotonic()
        self.is_read_only = workspace.is_read_only
        self._file_lock: VideoLock | None = None
        if self.is_read_only:
            self.db: Database = ReadOnlyDatabase(
                workspace.database_path(video_id), add_first_instance
            )
        else:
            self._open(workspace.video_dir(video_id))
        self.files = JsonFiles(video_id, workspace, self.db, self._head)

    def _open(self, folder: Path) -> None:
        """Lock the video for this server, and open its database for changes."""
        self.db, self._file_lock = open_database(self.workspace, self.video_id)
        try:
            atomic.fsync_folder(folder)
            self.db.write(add_first_instance)
        except BaseException:
            self._close()
            raise

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Keep the project from being closed as idle, as long as a job uses it."""
        with self._users_lock:
            self._users += 1
        try:
            yield
        finally:
            with self._users_lock:
                self._users -= 1

    def is_idle(self, now: float) -> bool:
        """Return whether nobody has used it for `IDLE_S`; `now` is monotonic, in seconds."""
        return not self._users and now - self.used_at > IDLE_S

    def try_close(self, before: Callable[[], None]) -> bool:
        """Call `before` and close, unless somebody is changing it now; never waits for its lock."""
        if not self.lock.acquire(blocking=False):
            return False
        try:
            before()
        finally:
            self.close()
            self.lock.release()
        return True

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width of the source, in pixels."""
        info = self._videos.info(self.video_id)
        return (info.height, info.width)

    @property
    def num_frames(self) -> int:
        """Number of frames, as far as known."""
        return self._videos.info(self.video_id).num_frames

    def instance(self, instance_id: int, *, for_change: bool = False) -> Instance:
        """Return an instance. Raises `Conflict` if it is locked and to be changed."""
        instance = self.db.read(lambda tx: get_instance(tx, instance_id))
        if for_change and instance.locked:
            raise Conflict(f"{instance.name} is locked.", hint="Unlock the instance first.")
        return instance

    def pairs(self) -> list[SessionKey]:
        """Return every (instance, region) of living instances that has prompts or masks."""
        instances, pairs = self.db.read(lambda tx: (list_instances(tx), touched_pairs(tx)))
        alive = {instance.instance_id for instance in instances}
        return [SessionKey(self.video_id, n, region) for n, region in pairs if n in alive]

    def write_points(self, key: SessionKey) -> None:
        """Have points_<region>.json written from the database soon."""
        self.files.mark(key)
        self._writer.put(self)

    def write_keypoints(self, instance_id: int) -> None:
        """Have keypoints.json written from the database soon."""
        self.files.mark(instance_id)
        self._writer.put(self)

    def write_files(self) -> None:
        """Write every JSON file that lags behind, now; on a full disk, once that is possible."""
        try:
            self.files.write()
        except StorageFailed as error:
            self.fell_behind(error)

    def write_all(self) -> None:
        """Write every JSON file from the database: a crash may have left them behind it."""
        for key in self.pairs():
            self.files.mark(key)
        for instance in self.db.read(list_instances):
            self.files.show_folder(instance.instance_id)
            self.files.mark(instance.instance_id)
        self.files.write()
        for instance_id in self.db.read(deleted_instances):
            self.files.hide_folder(instance_id)

    def note_unwritten(self, error: Exception) -> None:
        """Say in the log why files were not written; `HostUnavailable` comes while it is closed."""
        if not isinstance(error, HostUnavailable):
            log.error("%s: its JSON files lag behind its database", self.video_id, exc_info=error)

    def fell_behind(self, error: StorageFailed) -> None:
        """Queue a repair: a file could not be written after its change was committed."""
        if isinstance(error, FsyncFailed):
            raise error
        log.warning("%s: behind its database: %s", self.video_id, error)
        self._repairs.put(self.video_id)

    def close(self) -> None:
        """Write what is left, close the database, release the lock file: between two changes."""
        with self.lock:
            try:
                self.write_files()
            except FsyncFailed:
                raise
            except SessionError as error:  # a damaged database: it is mended from what is there
                self.note_unwritten(error)
            finally:
                self._close()

    def _close(self) -> None:
        self.db.close()
        if self._file_lock is not None:
            self._file_lock.release()

    def _head(self) -> dict[str, Any]:
        """Return the facts that begin each JSON file; of a video being deleted, those of before."""
        info = self._videos.find(self.video_id)
        if info is not None:
            self._last_head = {
                "video_id": self.video_id,
                "video": info.name,
                "width": info.width,
                "height": info.height,
                "num_frames": info.num_frames,
            }
        return self._last_head


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
