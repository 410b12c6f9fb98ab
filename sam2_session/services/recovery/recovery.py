"""Recovery at start: bring files that a crash left behind up to their database."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from sam2_session.core.errors import SessionError, StorageFailed
from sam2_session.core.frame_files import frame_idx_of
from sam2_session.core.types import SessionKey
from sam2_session.runtime import ThreadPool
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.mask_files import lags_behind
from sam2_session.services.masks.old_replaced import adopt_old_replaced
from sam2_session.services.masks.replaced_masks import ReplacedMasks
from sam2_session.services.projects.project import Project, Projects
from sam2_session.storage.catalog import to_trash
from sam2_session.storage.frame_rows import unprompted_frames
from sam2_session.storage.mask_rows import list_masks, read_mask

AT_ONCE = 8  # videos; nobody is served before all are recovered

log = logging.getLogger(__name__)


class Recovery:
    """Recovers every annotated video once; those with unfinished jobs stay open."""

    def __init__(
        self, projects: Projects, frame_masks: FrameMasks, replaced: ReplacedMasks
    ) -> None:
        self._projects = projects
        self._replaced = replaced
        self._frame_masks = frame_masks

    def run(self, recovered: Callable[[Project], int]) -> None:
        """Recover every video, several at once: each waits for the disk most of the time.

        `recovered` resumes its jobs and returns how many keep it open.
        """
        if self._projects.is_read_only:
            return
        with ThreadPool(AT_ONCE, thread_name_prefix="recovery") as pool:
            for video_id in self._projects.with_annotations():
                pool.submit(self.run_one, video_id, recovered)

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
        if not recovered(project):
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
