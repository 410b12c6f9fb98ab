"""Spans of frames as clients send them."""

from __future__ import annotations

from collections.abc import Sequence

from sam2_session.core.errors import InvalidRequest
from sam2_session.services.review.approvals import Span


def frames_in(spans: Sequence[Span], num_frames: int) -> list[int]:
    """List the frames of these spans, each once and in order.

    Raises `InvalidRequest` for a span that is the wrong way round or reaches beyond the video.
    """
    for first, last in spans:
        if first > last:
            raise InvalidRequest("A span of frames is [first, last], in this order.")
        if last >= num_frames:
            raise InvalidRequest(
                f"Frame {last} does not exist.", hint=f"Frames count from 0 to {num_frames - 1}."
            )
    return sorted({frame_idx for first, last in spans for frame_idx in range(first, last + 1)})
