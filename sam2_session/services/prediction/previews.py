"""Predicts the mask of prompts that are only tried: nothing is stored, no live session changes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from sam2_session.core import edits
from sam2_session.core.errors import Conflict, EngineClosed, InvalidPrompt, ModelUnavailable
from sam2_session.core.masks import MaskFacts, mask_facts
from sam2_session.core.png import encode_gray8
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import FramePrompt, Point, SessionKey, require_inside
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.inference.masks import to_mask
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.slot import EngineSlot
from sam2_session.services.masks.frame_mask import PairFrame
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.prediction.replay import replay
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.frame_rows import BaseRow, read_frame

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine

WAIT_S = 120.0  # for the device


class PreviewService:
    """Gives the mask that prompts would lead to if they were stored."""

    def __init__(
        self,
        projects: Projects,
        slot: EngineSlot,
        frame_masks: FrameMasks,
        predictions: PredictionService,
    ) -> None:
        self._predictions = predictions
        self._projects = projects
        self._slot = slot
        self._frame_masks = frame_masks

    def preview(
        self, key: SessionKey, frame_idx: int, prompt: FramePrompt, mask_png: bytes | None = None
    ) -> dict[str, Any]:
        """Predict a frame as if these were all of its prompts; `png` is the mask, 0 and 255.

        They refine `mask_png` if given, else the mask that the frame has below its prompts. Raises
        `InvalidPrompt` without points and box, or for any outside the frame.
        """
        project = self._projects.of(key)
        self._projects.require_frame(key.video_id, frame_idx)
        _require_prompt(prompt, project.size_hw)
        base = self._frame_masks.below_prompts(project, key, frame_idx)
        if mask_png is not None:
            decode_mask(mask_png, project.size_hw)
            base = BaseRow(mask_png, {}, None, None)
        prediction = self._on_device(PairFrame(key, frame_idx), prompt, base)
        mask_hw = to_mask(prediction, project.size_hw)
        facts: MaskFacts = mask_facts(mask_hw)
        return {"score": prediction.score, **facts.to_wire(), "png": encode_gray8(mask_hw)}

    def try_click(self, key: SessionKey, frame_idx: int, point: Point) -> dict[str, Any]:
        """Predict one more click of a frame, as PNG; only once nobody waits for the device.

        It takes one decoder at most, and never the encoder. Raises `Conflict` while the frame is
        not encoded; it is soon after it came on screen.
        """
        project = self._projects.of(key)
        self._projects.require_frame(key.video_id, frame_idx)
        require_inside(point.x, point.y, project.size_hw)
        row = project.db.read(lambda tx: read_frame(tx, key, frame_idx))
        frame = PairFrame(key, frame_idx)
        if row is not None and row.state.is_prompted:
            state = edits.add_points([point])(row.state)
            task = partial(self._predictions.try_state, frame=frame, state=state)
        else:
            base = self._frame_masks.below_prompts(project, key, frame_idx)
            task = partial(_predict_next, frame=frame, prompt=FramePrompt((point,)), base=base)
        prediction = self._wait(partial(_only_encoded, frame=frame, task=task), Priority.IDLE)
        png = encode_gray8(to_mask(prediction, project.size_hw))
        return {"data": png, "content_type": "image/png"}

    def _on_device(self, frame: PairFrame, prompt: FramePrompt, base: BaseRow | None) -> Prediction:
        task = partial(_predict, frame=frame, prompt=prompt, base=base)
        return self._wait(task, Priority.CLICK)

    def _wait(self, task: Callable[[Engine], Prediction], priority: Priority) -> Prediction:
        while (predicted := self._slot.submit(priority, task)) is not None:
            with suppress(EngineClosed):  # exchanged before its turn came
                try:
                    return predicted.result(WAIT_S)
                except TimeoutError:
                    raise ModelUnavailable(
                        "The model did not get to this preview in time.", hint="Ask again."
                    ) from None
        raise ModelUnavailable("No model is loaded.", hint="GET /api/models lists their states.")


def _predict(
    engine: Engine, frame: PairFrame, prompt: FramePrompt, base: BaseRow | None
) -> Prediction:
    """Replay the prompts one by one, as `FramePredictor` does with stored ones."""
    with engine.scratch_session(frame.key) as session:
        found = replay(session, frame.frame_idx, prompt, base, engine.network.signature)
        assert found is not None
        return found


def _only_encoded(
    engine: Engine, frame: PairFrame, task: Callable[[Engine], Prediction]
) -> Prediction:
    if (frame.key.video_id, frame.frame_idx) not in engine.features:
        raise Conflict("This frame is not encoded yet.", hint="Ask again when it is on screen.")
    return task(engine)


def _predict_next(
    engine: Engine, frame: PairFrame, prompt: FramePrompt, base: BaseRow | None
) -> Prediction:
    """Predict the first prompt of a frame with its live session, which keeps nothing of it."""
    session = engine.session(frame.key)
    found = replay(session, frame.frame_idx, prompt, base, engine.network.signature)
    assert found is not None
    return found


def _require_prompt(prompt: FramePrompt, size_hw: tuple[int, int]) -> None:
    if not prompt:
        raise InvalidPrompt("There are no prompts to try.", hint="Send points, or a box.")
    for point in prompt.points:
        require_inside(point.x, point.y, size_hw)
    if prompt.box is not None:
        require_inside(prompt.box.x0, prompt.box.y0, size_hw)
        require_inside(prompt.box.x1, prompt.box.y1, size_hw)
