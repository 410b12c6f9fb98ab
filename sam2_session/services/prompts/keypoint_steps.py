"""Plans the replacement of all keypoints of an instance, frame by frame."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import Keypoint

Keypoints = Sequence[Keypoint]


def number_new(keypoints: Keypoints, first_id: int) -> list[Keypoint]:
    """Give keypoints without an id the next ones, from `first_id` on."""
    return [
        keypoint if keypoint.keypoint_id else replace(keypoint, keypoint_id=first_id + offset)
        for offset, keypoint in enumerate(keypoints)
    ]


def by_frame(keypoints: Keypoints) -> dict[int, list[Keypoint]]:
    """Group keypoints by frame, in their order."""
    grouped: dict[int, list[Keypoint]] = {}
    for keypoint in keypoints:
        grouped.setdefault(keypoint.frame_idx, []).append(keypoint)
    return grouped


def without_derived(keypoints: Keypoints, names: Collection[str]) -> list[Keypoint]:
    """Leave the derived keypoints of these names out."""
    return [point for point in keypoints if not (point.derived and point.name in names)]


def require_different(keypoints: Iterable[Keypoint]) -> None:
    """Raise InvalidPrompt if two keypoints have the same id; new keypoints have none yet."""
    ids = [keypoint.keypoint_id for keypoint in keypoints if keypoint.keypoint_id]
    if len(set(ids)) < len(ids):
        raise InvalidPrompt(
            "Two keypoints have the same keypoint_id.", hint="Leave it out for new keypoints."
        )


def steps_between(
    now: Mapping[int, Keypoints], wanted: Mapping[int, Keypoints]
) -> list[tuple[int, Keypoints]]:
    """Order the changes of frames, removals first, so that no id is ever on two frames."""
    frame_of = {
        keypoint.keypoint_id: frame_idx
        for frame_idx, keypoints in wanted.items()
        for keypoint in keypoints
        if keypoint.keypoint_id
    }
    staying = {
        frame_idx: [
            keypoint
            for keypoint in keypoints
            if frame_of.get(keypoint.keypoint_id, frame_idx) == frame_idx
        ]
        for frame_idx, keypoints in now.items()
    }
    removals: list[tuple[int, Keypoints]] = [
        (frame_idx, keypoints)
        for frame_idx, keypoints in staying.items()
        if keypoints != list(now[frame_idx])
    ]
    additions: list[tuple[int, Keypoints]] = [
        (frame_idx, wanted.get(frame_idx, []))
        for frame_idx in sorted({*staying, *wanted})
        if list(wanted.get(frame_idx, [])) != staying.get(frame_idx, [])
    ]
    return removals + additions
