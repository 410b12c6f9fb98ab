"""Follows the videos of batches that other processes of a cluster have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sam2_session.core.events import Event, EventName
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.runtime import Lock
from sam2_session.services.batches.book import BatchBook
from sam2_session.services.propagation.run_job import KIND as RUN
from sam2_session.services.videos.info import VideoState
from sam2_session.services.videos.service import VideoService

JOB_EVENTS = (EventName.JOB_PROGRESS, EventName.JOB_ENDED)


@dataclass(frozen=True, slots=True)
class AnnouncedRun:
    """A run as another process announced it last."""

    wire: dict[str, Any]

    @property
    def state(self) -> JobState:
        """The state of the run."""
        return JobState(self.wire["state"])

    def to_wire(self) -> dict[str, Any]:
        """Return the run as it was announced."""
        return self.wire


class RunsElsewhere:
    """Keeps the newest run of each video of a batch that another process has; for any thread."""

    def __init__(
        self, videos: VideoService, book: BatchBook, changed: Callable[[Event], None]
    ) -> None:
        self._videos = videos
        self._book = book
        self._changed = changed
        self._runs: dict[str, AnnouncedRun] = {}  # by video_id
        self._lock = Lock()

    def newest(self) -> dict[str, AnnouncedRun]:
        """Return the newest runs by video_id."""
        with self._lock:
            return dict(self._runs)

    def hear(self, event: Event) -> None:
        """Take in an event of another process."""
        video_id = event.video_id or event.data.get("video_id")
        if not isinstance(video_id, str) or not self._book.holding(video_id):
            return
        if event.name in JOB_EVENTS and event.data["kind"] == RUN:
            with self._lock:
                self._runs[video_id] = AnnouncedRun(event.data)
        self._read_again(video_id, event)
        self._changed(event)

    def forget(self, video_id: str) -> None:
        """Forget an unfinished run: the process that announced it has ended, or gave it away."""
        with self._lock:
            run = self._runs.get(video_id)
            if run is not None and run.state in UNFINISHED:
                del self._runs[video_id]

    def _read_again(self, video_id: str, event: Event) -> None:
        """Read from disk how long a video is once that is known for sure."""
        info = self._videos.find(video_id)
        if info is None or info.state is VideoState.READY:
            return
        is_settled = event.name is EventName.VIDEO_PROGRESS and event.data["state"] in (
            VideoState.READY,
            VideoState.FAILED,
        )
        if is_settled or event.name in JOB_EVENTS:
            self._videos.reread(video_id)
