"""Opens a video's database for changes, as the only one that may write to the video."""

from __future__ import annotations

from sam2_session.storage.atomic import make_folder
from sam2_session.storage.database import Database
from sam2_session.storage.foreign import set_aside
from sam2_session.storage.leases import require_unleased
from sam2_session.storage.lock import VideoLock
from sam2_session.storage.workspace import Workspace


def open_database(workspace: Workspace, video_id: str) -> tuple[Database, VideoLock | None]:
    """Open the database of a video that is locked for this server; in a cluster, leased to it.

    Raises `Conflict` if another server has the video, and `VideoElsewhere` without the lease.
    """
    path = workspace.database_path(video_id)
    if workspace.leases is not None:
        fence = workspace.leases.fence(video_id)
        set_aside(workspace, video_id)
        return Database(path, fence), None
    make_folder(path.parent)
    require_unleased(path.parent)
    lock = VideoLock(workspace.lock_path(video_id))
    try:
        set_aside(workspace, video_id)
        return Database(path), lock
    except BaseException:
        lock.release()
        raise
