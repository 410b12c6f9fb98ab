"""Shapes of answers for the API documents: repairs of masks."""

from __future__ import annotations

from msgspec import Struct

from sam2_session.services.fields.fields import Span


class FramesMarked(Struct):
    """The spans of frames that changed; none yet where a job changes many, named by `job_id`."""

    rev: int
    frames: list[Span]
    count: int
    job_id: str | None


class Cleaning(Struct):
    """Steps of cleaning, in pixels of the source; 0 leaves a step out."""

    fill_holes: int
    drop_specks: int
    smooth: int
    grow: int


class CleaningRule(Struct):
    """The rule of a pair; `on` is false while it has none."""

    cleaning: Cleaning
    on: bool
