"""Finds the scene cuts of a long video as a background job."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sam2_session.runtime import sleep
from sam2_session.services.jobs.background import BackgroundJob, FramesDone
from sam2_session.services.jobs.job_queue import JobQueue
from sam2_session.services.videos.info import VideoState
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.reduced_frames import ReducedFrames
from sam2_session.storage.scene_cuts import STAMP_WH, SceneCuts
from sam2_session.storage.workspace import Workspace

KIND = "scene_cuts"
EXTRACTION_POLL_S = 0.1
CANCELLED = {
    "code": "cancelled",
    "message": "The search for scene cuts was cancelled.",
    "hint": "Delete this batch, or cut the video in another way.",
}

# called with the batch, the first frames of the shots, and the error if there is one
Found = Callable[[str, Sequence[int], dict[str, Any] | None], None]


class SceneCutJobs:
    """Looks at every frame of a video, in the order of extraction."""

    def __init__(self, workspace: Workspace, videos: VideoService, queue: JobQueue) -> None:
        self._workspace = workspace
        self._videos = videos
        self._queue = queue

    def begin(self, batch_id: str, video_id: str, found: Found) -> str:
        """Queue the search for a batch; return its job_id. Raises `Conflict` if too many wait."""
        job = _SceneCutJob(
            f"cuts-{secrets.token_hex(6)}",
            KIND,
            video_id,
            max(1, self._videos.info(video_id).num_frames),
            partial(self._search, batch_id, found),
            details={"batch_id": batch_id},
        )
        job.failed = partial(found, batch_id, ())
        self._queue.submit(job)
        return job.job_id

    def _search(self, batch_id: str, found: Found, job: BackgroundJob) -> FramesDone:
        video_id = job.video_id
        self._videos.open(video_id)
        frame_path = partial(self._workspace.frame_path, video_id)
        width = self._videos.info(video_id).width
        cuts = SceneCuts(ReducedFrames(frame_path, width, STAMP_WH[0]))
        firsts, frame_idx = [0], 0
        while True:
            info = self._videos.info(video_id)
            if info.error:
                raise info.error
            if frame_idx < info.extracted:
                if cuts.is_cut(frame_idx):
                    firsts.append(frame_idx)
                yield frame_idx
                frame_idx += 1
            elif info.state is VideoState.READY:
                break
            else:
                sleep(EXTRACTION_POLL_S)
                yield None
        found(batch_id, firsts, None)


class _SceneCutJob(BackgroundJob):
    """Tells its batch when it fails or is cancelled."""

    failed: Callable[[dict[str, Any] | None], None]

    def end(self, state: Any, error: dict[str, Any] | None) -> None:
        super().end(state, error)
        if error is not None:
            self.failed(error)
        elif state == "cancelled":
            self.failed(CANCELLED)
