"""Replays the prompts of a frame one by one in a session, as they were once clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sam2_session.core.frame_state import FrameState
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import FramePrompt
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.storage.frame_rows import BaseRow

if TYPE_CHECKING:
    from sam2_session.inference.session import InferenceSession


def predict_base(
    session: InferenceSession, frame_idx: int, base: BaseRow | None, signature: str
) -> Prediction | None:
    """Return what the first prompt refines: the base's stored prediction, or one of its mask."""
    if base is None:
        return None
    if base.prediction is not None and base.signature == signature:
        return base.prediction
    return session.predict_mask(frame_idx, decode_mask(base.png, session.size_hw))


def replay(
    session: InferenceSession,
    frame_idx: int,
    prompt: FramePrompt,
    base: BaseRow | None,
    signature: str,
) -> Prediction | None:
    """Predict a frame from its base and each of its prompts; None without any of them."""
    previous = predict_base(session, frame_idx, base, signature)
    for step in FrameState(prompt).steps():
        previous = session.predict(frame_idx, step.prompt, previous)
    return previous
