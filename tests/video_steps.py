"""Steps that tests of the video service share."""

from __future__ import annotations

import time
from collections.abc import Callable

from sam2_session.services.videos.info import VideoState
from sam2_session.services.videos.service import VideoService

# Starts a service, given its options; it ends the one before, as a restart does.
Starter = Callable[..., VideoService]
WAIT_S = 300.0


def wait_until(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < until_s, "it did not come"
        time.sleep(0.01)


def open_until_ready(service: VideoService, video_id: str) -> None:
    service.open(video_id)
    wait_until(lambda: service.info(video_id).state is VideoState.READY)
