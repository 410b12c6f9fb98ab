from __future__ import annotations

import numpy as np
import pytest

from sam2_session.core.frame_state import Base, FrameState
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import Box, FramePrompt, Point

CLICKS = (Point(1, 2, 1), Point(3, 4, 0))
STATES = [
    FrameState(),
    FrameState(FramePrompt(CLICKS)),
    FrameState(FramePrompt(CLICKS, Box(0, 0, 5, 5)), Base(7)),
    FrameState(base=Base(7, is_prompt=True)),
]


@pytest.mark.parametrize("state", STATES)
def test_a_state_survives_the_database(state: FrameState) -> None:
    assert FrameState.from_json(state.to_json()) == state


def test_each_state_has_its_own_digest() -> None:
    assert len({state.digest for state in STATES}) == len(STATES)


def test_the_order_of_clicks_matters() -> None:
    there, back = FrameState(FramePrompt(CLICKS)), FrameState(FramePrompt(CLICKS[::-1]))

    assert there.digest != back.digest


def test_a_mask_below_is_a_prompt_only_if_a_hand_made_it() -> None:
    assert [state.is_prompted for state in STATES] == [False, True, True, True]
    assert not FrameState(base=Base(7)).is_prompted


def test_clicks_are_replayed_one_by_one() -> None:
    steps = list(FrameState(FramePrompt(CLICKS), Base(7)).steps())

    assert [len(step.prompt.points) for step in steps] == [1, 2]
    assert all(step.base == Base(7) for step in steps)


def test_a_box_is_replayed_before_the_clicks() -> None:
    box = Box(0, 0, 5, 5)

    steps = list(FrameState(FramePrompt(CLICKS, box)).steps())

    assert [len(step.prompt.points) for step in steps] == [0, 1, 2]
    assert all(step.prompt.box == box for step in steps)


def test_a_prediction_is_stored_without_loss() -> None:
    rng = np.random.default_rng(1)
    logits, pointer = (rng.normal(size=size).astype(np.float32) for size in ((64, 64), 128))

    read = Prediction.unpack(Prediction(logits, pointer, 6.5).pack())

    assert np.array_equal(read.logits_hw, logits)
    assert np.array_equal(read.pointer_c, pointer)
    assert read.score == 6.5


def test_a_cut_prediction_is_refused() -> None:
    whole = Prediction(np.zeros((4, 4), np.float32), np.zeros(3, np.float32), 0.0).pack()

    with pytest.raises(Exception, match="incomplete"):
        Prediction.unpack(whole[:-4])


def test_a_prediction_of_another_length_than_it_says_is_refused() -> None:
    packed = Prediction(np.zeros((3, 5), np.float32), np.zeros(7, np.float32), 1.0).pack()
    longer = packed[:4] + (8).to_bytes(2, "little") + packed[6:]

    assert Prediction.unpack(packed).pointer_c.size == 7
    with pytest.raises(ValueError, match="a prediction of 23 floats, not 22"):
        Prediction.unpack(longer)
