"""Recovery at start: bring files that a crash left behind up to their database."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from sam2_session.core.errors import SessionError, StorageFailed
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.frame_files import frame_idx_of
from sam2_session.core.types import SessionKey
from sam2_session.runtime import Thread, ThreadPool, spawn
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.mask_files import lags_behind
from sam2_session.services.masks.old_replaced import adopt_old_replaced
from sam2_session.services.masks.replaced_masks import ReplacedMasks
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.recovery.backlog import RecoveryBacklog
from sam2_session.storage.catalog import to_trash
from sam2_session.storage.frame_rows import unprompted_frames
from sam2_session.storage.mask_rows import list_masks, read_mask

AT_ONCE = 8  # videos
PATIENCE_S = 0.5  # nobody is served before that is over, or all are recovered

log = logging.getLogger(__name__)


class Recovery:
    """Recovers every annotated video once; those with unfinished jobs stay open.

    A video that somebody uses is recovered before that, and by that thread if no other has begun.
    """

    def __init__(
        self,
        projects: Projects,
        frame_masks: FrameMasks,
        replaced: ReplacedMasks,
        bus: EventBus,
    ) -> None:
        self._projects = projects
        self._bus = bus
        self._replaced = replaced
        self._frame_masks = frame_masks
        self._backlog = RecoveryBacklog()
        self._pool = ThreadPool(AT_ONCE, thread_name_prefix="recovery")
        self._follower: Thread | None = None
        projects.before_use = self._backlog.require

    def begin(self, recovered: Callable[[Project], int]) -> None:
        """Begin to recover every video, several at once: each waits for the disk most of the time.

        Returns soon, also if there are many: the others are recovered meanwhile, or when they are
        used. `recovered` resumes a video's jobs and returns how many keep it open.
        """
        if self._projects.is_read_only:
            return
        video_ids = self._projects.with_annotations()
        self._backlog.put(video_ids, partial(self.run_one, recovered=recovered))
        for video_id in video_ids:
            self._pool.submit(self._backlog.require, video_id)
        if not self._backlog.wait_until_empty(PATIENCE_S):
            log.info("%d of %d videos are not recovered yet", len(self._backlog), len(video_ids))

    def follow(self, then: Callable[[], None]) -> None:
        """Call `then` once every video is recovered: now, or later in another thread."""
        if self._backlog.wait_until_empty(0):
            self._pool.shutdown()
            self._end(then)
        else:
            self._follower = spawn(self._end, then, name="recovery-end")

    def wait(self) -> None:
        """Wait until every video is recovered, and what follows is done."""
        if self._follower is not None:
            self._follower.join()

    def close(self) -> None:
        """Finish the videos under way; those that are left follow at the next start."""
        self._backlog.give_up()
        self._pool.shutdown(cancel_futures=True)
        self.wait()

    def _end(self, then: Callable[[], None]) -> None:
        if self._backlog.wait_until_empty():
            then()

    def run_one(self, video_id: str, recovered: Callable[[Project], int]) -> None:
        """Recover one video; what prevents it becomes the state of that video."""
        try:
            self._recover_one(video_id, recovered)
        except SessionError as error:
            log.error("%s is not recovered: %s %s", video_id, error, error.hint)
            self._projects.note_failure(video_id, error)
        except Exception as error:  # noqa: BLE001 - boundary: one video must not stop the others
            log.exception("%s is not recovered", video_id)
            self._projects.note_failure(video_id, _unexpected(video_id, error))

    def _recover_one(self, video_id: str, recovered: Callable[[Project], int]) -> None:
        project = self._projects.get(video_id)
        self.recover(project)
        is_unfinished = recovered(project)
        wire = self._projects.videos.to_wire(video_id)  # its annotations are counted from now on
        self._bus.publish(Event(EventName.VIDEO_PROGRESS, wire))
        if not is_unfinished:
            self._projects.close_one(video_id)

    def recover(self, project: Project) -> None:
        """Write JSON files and masks of unprompted frames; trash mask files without a row."""
        with project.lock:
            adopt_old_replaced(project)
            self._replaced.mend(project)
            project.write_all()
            for key in project.pairs():
                self._settle(project, key)
                _remove_unknown_files(project, key)

    def _settle(self, project: Project, key: SessionKey) -> None:
        for row in project.db.read(partial(unprompted_frames, key=key)):
            mask = project.db.read(partial(read_mask, key=key, frame_idx=row.frame_idx))
            if lags_behind(mask, row):
                self._frame_masks.settle_unprompted(project, key, row)


def _unexpected(video_id: str, error: Exception) -> StorageFailed:
    return StorageFailed(
        f"The annotations of {video_id} cannot be opened: {error or type(error).__name__}.",
        hint="Mend the video, or look into the server's log; other videos are not affected.",
    )


def _remove_unknown_files(project: Project, key: SessionKey) -> None:
    known = {mask.frame_idx for mask in project.db.read(partial(list_masks, key=key))}
    for path in project.workspace.masks_dir(key).glob("*.png"):
        if frame_idx_of(path) not in known:
            log.warning("%s: %s belongs to no known mask; it goes to the trash", key, path.name)
            to_trash(project.workspace, key.video_id, [path])
