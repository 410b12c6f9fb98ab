"""What another tool left in a video's folder comes in like any other import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sam2_session.core.errors import NothingToDo
from sam2_session.runtime import sleep
from sam2_session.services.jobs.side_jobs import SideJob, Steps
from sam2_session.services.projects.project import Project
from sam2_session.services.videos.info import VideoState
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.catalog import to_trash

POLL_S = 0.2
NAME = "found in the folder"


def adoption_steps(
    project: Project,
    videos: VideoService,
    job: SideJob,
    bring_in: Callable[[SideJob, Path, str], Steps],
) -> Steps:
    """Wait for the frames, import, then put the originals into the trash."""
    folder = project.workspace.found_dir(project.video_id)
    while (info := videos.info(project.video_id)).state is not VideoState.READY:
        if info.error is not None:
            raise info.error
        yield None
        sleep(POLL_S)
    try:
        yield from bring_in(job, folder, NAME)
    except NothingToDo:
        job.details["note"] = "Nothing of it could be imported."
    to_trash(project.workspace, project.video_id, [folder])
