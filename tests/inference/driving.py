"""Drives engine and plain predictor through the same day, for the tests beside."""

from __future__ import annotations

from typing import Any

import numpy as np

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import FramePrompt, Point, SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.inference.masks import to_mask
from sam2_session.inference.scheduler import Priority

SIZE_HW = (90, 160)
LAST = 25
BODY = SessionKey("v", 1, "body")
DISC = SessionKey("v", 2, "disc")


class Ours:
    """Drives one key of an engine as the services do."""

    def __init__(self, engine: Engine, key: SessionKey) -> None:
        self.engine, self.key = engine, key
        self.prompts: dict[int, FramePrompt] = {}
        self.predictions: dict[int, Prediction] = {}

    def do(self, task: Any) -> Any:
        return self.engine.submit(Priority.CLICK, task).result(300)

    def prompt(self, frame_idx: int, prompt: FramePrompt) -> np.ndarray[Any, Any]:
        def task() -> Prediction:
            session = self.engine.session(self.key)
            before = self.predictions.get(frame_idx) or session.tracked(frame_idx)
            prediction = session.predict(frame_idx, prompt, before)
            session.set_prompted(frame_idx, prediction)
            return prediction

        self.prompts[frame_idx] = prompt
        self.predictions[frame_idx] = self.do(task)
        return to_mask(self.predictions[frame_idx], SIZE_HW)

    def click(self, frame_idx: int, x: float, y: float, label: int) -> np.ndarray[Any, Any]:
        before = self.prompts.get(frame_idx, FramePrompt())
        return self.prompt(frame_idx, FramePrompt((*before.points, Point(x, y, label)), before.box))

    def propagate(self, frames: range, *, reverse: bool = False, run: int = 1) -> dict[int, Any]:
        self.do(lambda: self.engine.session(self.key).condition())
        return {
            idx: to_mask(
                self.do(
                    lambda idx=idx: self.engine.step([self.key], idx, reverse=reverse, run=run)
                )[self.key],
                SIZE_HW,
            )
            for idx in frames
        }


def assert_same(ours: dict[int, Any], plain: dict[int, Any]) -> None:
    assert ours.keys() == plain.keys()
    different = [idx for idx in ours if not np.array_equal(ours[idx], plain[idx])]
    assert different == []
