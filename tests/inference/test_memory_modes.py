"""Memory modes: the same masks after an eviction, and nothing of them in a plain run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import MemoryMode
from sam2_session.inference.engine import Engine
from sam2_session.inference.masks import to_mask
from sam2_session.inference.memory_modes import preferred
from tests.inference.driving import BODY, SIZE_HW, Ours

FRAMES = range(20)
MODES = pytest.mark.parametrize("memory", [mode for mode in MemoryMode if mode != "plain"])


def track(engine: Engine, memory: MemoryMode, drop: int | None = None) -> list[Prediction]:
    """Click and run forward; before frame `drop` the live session is dropped."""
    ours = Ours(engine, BODY)
    ours.click(0, 30, 35, 1)
    return run(ours, memory, drop)


def run(ours: Ours, memory: MemoryMode, drop: int | None = None) -> list[Prediction]:
    engine = ours.engine
    ours.do(lambda: engine.session(BODY).condition())
    found = []
    for frame_idx in FRAMES:
        if frame_idx == drop:
            ours.do(lambda: engine.drop_session(BODY))
            ours.do(lambda: engine.session(BODY).condition(ours.predictions))
        step = ours.do(
            lambda idx=frame_idx: engine.step([BODY], idx, reverse=False, run=1, memory=memory)
        )
        found.append(step[BODY])
    return found


@MODES
def test_a_mode_gives_the_same_masks_after_an_eviction(
    make_engine: Any, memory: MemoryMode
) -> None:
    whole = track(make_engine(logs="whole_"), memory)
    resumed = track(make_engine(logs="resumed_"), memory, drop=14)

    for one, other in zip(whole, resumed, strict=True):
        assert np.array_equal(to_mask(one, SIZE_HW), to_mask(other, SIZE_HW))


@pytest.mark.parametrize(
    "memory",
    [
        MemoryMode.DISTRACTOR,
        *(
            pytest.param(mode, marks=pytest.mark.slow)
            for mode in MemoryMode
            if mode not in ("plain", "distractor")
        ),
    ],
)
def test_a_mode_leaves_nothing_behind_for_a_plain_run(make_engine: Any, memory: MemoryMode) -> None:
    ours = Ours(make_engine(), BODY)
    ours.click(0, 30, 35, 1)
    plain = run(ours, MemoryMode.PLAIN)
    run(ours, memory)

    again = run(ours, MemoryMode.PLAIN)

    assert all(one.equals(other) for one, other in zip(plain, again, strict=True))


def test_tracked_frames_know_the_iou_that_is_expected(make_engine: Any) -> None:
    found = track(make_engine(), MemoryMode.PLAIN)

    assert all(0 < prediction.iou <= 1.05 for prediction in found[1:] if prediction.iou is not None)
    assert sum(prediction.iou is not None for prediction in found) >= len(FRAMES) - 1


def test_a_candidate_where_the_box_is_expected_is_preferred() -> None:
    masks = np.zeros((2, 20, 20), np.bool_)
    masks[0, 2:6, 2:6] = masks[1, 12:16, 12:16] = True
    there = np.array([12.0, 12.0, 16.0, 16.0])

    assert preferred(there, masks, [0.8, 0.7]) == pytest.approx([0.64, 0.76])
    assert preferred(None, masks, [0.8, 0.7]) == [0.8, 0.7]
