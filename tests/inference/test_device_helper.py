"""Two threads share the work of a step on a CPU."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import Any

import pytest

from sam2_session.inference.device_helper import DeviceHelper
from sam2_session.inference.scheduler import Priority
from tests.inference.driving import BODY, DISC, Ours

WAIT_S = 60


@pytest.fixture
def helper() -> Any:
    helper = DeviceHelper(nullcontext, niceness=0)
    yield helper
    helper.close()


def test_two_tasks_are_done_at_once_and_results_keep_their_order(helper: DeviceHelper) -> None:
    both = threading.Barrier(2)

    def meeting(number: int) -> int:
        both.wait(WAIT_S)
        return number

    assert helper.share([lambda n=n: meeting(n) for n in range(6)]) == list(range(6))  # type: ignore[misc]


def test_an_error_is_raised_once_the_other_thread_is_done(helper: DeviceHelper) -> None:
    both, done = threading.Barrier(2), []

    def fail() -> None:
        both.wait(WAIT_S)
        raise ValueError("a step failed")

    def end() -> None:
        both.wait(WAIT_S)
        done.append("end")

    with pytest.raises(ValueError, match="a step failed"):
        helper.share([fail, end])

    assert done == ["end"]
    assert helper.share([lambda: 1]) == [1]


@pytest.fixture
def engine(make_engine: Any) -> Any:
    """Two pairs with a click each, ready to be tracked."""
    engine = make_engine()
    engine.two_at_once = True  # also where there is one core
    body, disc = Ours(engine, BODY), Ours(engine, DISC)
    body.click(0, 30, 35, 1)
    disc.click(0, 120, 65, 1)
    for tool in (body, disc):
        tool.do(lambda tool=tool: engine.session(tool.key).condition())
    return engine


def tracked_beside(engine: Any, frame_idx: int) -> Any:
    """Track frame 1 while this frame has been read ahead."""
    engine.features.read_ahead.want([("v", frame_idx)])
    engine.features.read_ahead._frames["v", frame_idx].exception(WAIT_S)
    return engine.submit(
        Priority.STEP, lambda: engine.step([BODY, DISC], 1, reverse=False, run=1)
    ).result(WAIT_S)


def test_the_frame_that_was_read_ahead_is_encoded_with_a_step(engine: Any) -> None:
    tracked_beside(engine, 2)

    assert ("v", 2) in engine.features
    assert engine.features.encoded == 3


def test_a_next_frame_that_cannot_be_read_fails_no_step_before_its_own(engine: Any) -> None:
    assert tracked_beside(engine, 99).keys() == {BODY, DISC}
    assert ("v", 99) not in engine.features
