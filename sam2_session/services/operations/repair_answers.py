"""Shapes of answers for the API documents: repairs of masks."""

from __future__ import annotations

from msgspec import Struct

from sam2_session.services.fields.fields import Span


class FramesMarked(Struct):
    """The spans of frames that changed."""

    rev: int
    frames: list[Span]
    count: int
