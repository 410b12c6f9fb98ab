"""Converts Label Studio's frame numbers to ours, by time where the frame rates differ."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from sam2_session.formats.importing.json_input import number
from sam2_session.formats.importing.plan import VideoFacts

RATE_TOLERANCE = 0.005
TIME_SLACK_S = 1e-6  # rounding of a division of two rates


def frame_of_keyframe(
    frame: int, rate: float | None, frame_count: int | None, facts: VideoFacts
) -> int:
    """Convert Label Studio's frame, counted from 1 at a rate of its own, to a frame_idx.

    Takes the last frame shown at or before that time; the result may lie outside the video.
    """
    if rate is None or _same_clock(rate, frame_count, facts):
        return frame - 1
    time_s = (frame - 1) / rate
    if facts.times_s and time_s <= facts.times_s[-1]:
        return bisect_right(facts.times_s, time_s + TIME_SLACK_S) - 1
    return int(time_s * facts.fps + TIME_SLACK_S)


def rate_of(value: Mapping[str, Any], keyframes: Iterable[Mapping[str, Any]]) -> float | None:
    """Frames per second of the annotation: from its keyframes, else from its length."""
    rates = [
        frame / time_s
        for keyframe in keyframes
        if (time_s := number(keyframe.get("time")))
        if (frame := number(keyframe.get("frame")))
        if time_s > 0 and frame > 0
    ]
    if rates:
        return median(rates)
    count, duration_s = number(value.get("framesCount")), number(value.get("duration"))
    return count / duration_s if count and duration_s and duration_s > 0 and count > 0 else None


def _same_clock(rate: float, frame_count: int | None, facts: VideoFacts) -> bool:
    if facts.fps <= 0:
        return True
    same_rate = abs(rate - facts.fps) / facts.fps < RATE_TOLERANCE
    return same_rate and (frame_count is None or abs(frame_count - facts.num_frames) <= 1)
