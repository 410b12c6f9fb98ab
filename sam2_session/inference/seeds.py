"""The seed of a live session: its prompts and its log. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sam2_session.core.predictions import Prediction
from sam2_session.storage.layered_log import LayeredLog


@dataclass(frozen=True, slots=True)
class SessionSeed:
    """Everything on disk that a session is built from.

    `conditioned` are the prompted frames as the last run used them, `prompted` as they are now.
    """

    size_hw: tuple[int, int]
    num_frames: int
    log: LayeredLog
    conditioned: Mapping[int, Prediction] = field(default_factory=dict)
    prompted: Mapping[int, Prediction] = field(default_factory=dict)
