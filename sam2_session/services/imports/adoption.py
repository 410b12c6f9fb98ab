"""Imports files that another tool left in a video's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sam2_session.core.errors import NothingToDo
from sam2_session.runtime import sleep
from sam2_session.services.jobs.background import BackgroundJob, FramesDone
from sam2_session.services.projects.project import Project
from sam2_session.services.videos.info import VideoState
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.catalog import to_trash

POLL_S = 0.2
NAME = "found in the folder"


def adopt_found_files(
    project: Project,
    videos: VideoService,
    job: BackgroundJob,
    import_folder: Callable[[Path, str], FramesDone],
) -> FramesDone:
    """Wait for the video's frames, import the found files, then move them to the trash."""
    folder = project.workspace.found_dir(project.video_id)
    while (info := videos.info(project.video_id)).state is not VideoState.READY:
        if info.error is not None:
            raise info.error
        yield None
        sleep(POLL_S)
    try:
        yield from import_folder(folder, NAME)
    except NothingToDo:
        job.details["note"] = "Nothing of it could be imported."
    to_trash(project.workspace, project.video_id, [folder])
