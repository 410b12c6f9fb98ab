"""Runs the videos of a batch on the members of a cluster, several at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sam2_session.cli.progress import ProgressReport
from sam2_session.client.pairs import Pair
from sam2_session.client.videos import Video
from sam2_session.core.errors import NothingToDo, SessionError
from sam2_session.core.types import Direction
from sam2_session.runtime import Future, ThreadPool, monotonic, sleep

AT_ONCE = 32  # videos; each member runs one after the other
POLL_S = 0.2


def run_everywhere(
    videos: Mapping[str, Video], report: ProgressReport
) -> Iterator[tuple[str, SessionError | None]]:
    """Track every video to its end; yields each as it ends, with its error if it has one."""
    began_s, frames = monotonic(), 0
    with ThreadPool(AT_ONCE) as pool:
        waiting = {video_id: pool.submit(_run, video) for video_id, video in videos.items()}
        ended = 0
        while waiting:
            for video_id in [v for v, future in waiting.items() if future.done()]:
                error, tracked = _outcome(waiting.pop(video_id))
                ended, frames = ended + 1, frames + tracked
                yield video_id, error
            report(_throughput(frames, monotonic() - began_s), ended, len(videos))
            sleep(POLL_S)


def direction_of(pairs: Sequence[Pair]) -> Direction:
    """Choose both ways where the first prompts are not on the first frame."""
    firsts = [prompts[0].frame_idx for pair in pairs if (prompts := pair.prompts())]
    return Direction.BOTH if any(firsts) else Direction.FORWARD


def _run(video: Video) -> int:
    """Track a video to its end, as the processing of a batch does; return the frames done."""
    pairs = video.pairs()
    if not any(pair.prompts() for pair in pairs):
        return 0  # its line says so
    try:
        job = video.propagate(direction=direction_of(pairs).value)
    except NothingToDo:
        return 0  # it was done before
    job.wait()
    return job.done


def _outcome(future: Future[int]) -> tuple[SessionError | None, int]:
    try:
        return None, future.result()
    except SessionError as error:
        return error, 0


def _throughput(frames: int, seconds: float) -> str:
    return f"tracking, {frames / max(seconds, 0.1):.1f} frames/s"
