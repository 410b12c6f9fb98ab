"""Members of a cluster whose network waits instead of computing: a GPU for each, for spread.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sam2_session.cluster.gateway import Gateway
from sam2_session.cluster.member import Member
from sam2_session.cluster.member_factory import build_member
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.runtime import sleep
from sam2_session.settings import Settings

STEP_S = 0.2


def wait_for_step(
    engine: Engine, keys: Sequence[SessionKey], frame_idx: int, **_: Any
) -> dict[SessionKey, Prediction]:
    """Replace `Engine.step`: read the frame, wait, and return the mask of the first prompt."""
    features, video_id = engine.features, keys[0].video_id
    if features.read_ahead.take((video_id, frame_idx)) is None:
        features.prepare(video_id, frame_idx)
    sleep(STEP_S)
    return {key: next(iter(engine._live(key, keys)._prompted.values())) for key in keys}


def build(settings: Settings) -> Member:
    """Make the services of an actor."""
    Engine.step = wait_for_step  # type: ignore[method-assign, assignment]
    return build_member(settings)


def build_gateway(settings: Settings) -> Gateway:
    """Make a gateway whose members wait."""
    return Gateway(settings, "benchmarks.waiting_member:build")
