"""Cuts a long video into segments: by length, at given frames, or at its scene cuts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from sam2_session.core.errors import InvalidRequest
from sam2_session.services.videos.info import VideoInfo
from sam2_session.storage.video_record import Segment


def frames_every(
    info: VideoInfo, *, frames: int | None = None, seconds: float | None = None
) -> list[int]:
    """Return the first frame of each segment of this many frames, or seconds."""
    if frames is not None:
        return list(range(0, info.num_frames, frames))
    step = float(seconds or 0) * float(info.fps)
    if step < 1:
        raise InvalidRequest("A segment has at least one frame.", hint="Choose more seconds.")
    firsts, at = [], 0
    while round(at * step) < info.num_frames:
        firsts.append(round(at * step))
        at += 1
    return firsts


def segments_from(video_id: str, firsts: Iterable[int], numbers: Sequence[int]) -> list[Segment]:
    """Make the segments that begin at these frames; the video's first frame is one of them.

    `numbers` are the source numbers of the video's frames. Raises `InvalidRequest` for a frame that
    is beyond the end.
    """
    begins = sorted({0, *firsts})
    if begins[-1] >= len(numbers):
        raise InvalidRequest(
            f"There is no frame {begins[-1]} to cut at.",
            hint=f"The video has {len(numbers)} frames, from 0.",
        )
    return [
        Segment(video_id, numbers[first], numbers[end - 1])
        for first, end in pairwise([*begins, len(numbers)])
    ]
