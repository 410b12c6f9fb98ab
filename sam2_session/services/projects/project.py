"""Annotations of open videos: database, lock and the JSON files beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sam2_session.core.errors import (
    Conflict,
    FsyncFailed,
    HostUnavailable,
    SessionError,
    StorageFailed,
)
from sam2_session.core.types import Instance, SessionKey
from sam2_session.runtime import Lock, monotonic
from sam2_session.services.projects.change_lock import ChangeLock
from sam2_session.services.projects.json_files import JsonFiles
from sam2_session.services.projects.late_writer import LateWriter
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
from sam2_session.storage.lock import VideoLock
from sam2_session.storage.opening import open_database
from sam2_session.storage.read_only_database import ReadOnlyDatabase
from sam2_session.storage.workspace import Workspace

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
