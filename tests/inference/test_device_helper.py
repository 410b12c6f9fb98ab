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


def test_the_frame_that_was_read_ahead_is_encoded_with_a_step(make_engine: Any) -> None:
    engine = make_engine()
    body, disc = Ours(engine, BODY), Ours(engine, DISC)
    body.click(0, 30, 35, 1)
    disc.click(0, 120, 65, 1)
    for tool in (body, disc):
        tool.do(lambda tool=tool: engine.session(tool.key).condition())
    engine.features.read_ahead.want([("v", 2)])
    engine.features.read_ahead._frames["v", 2].result(WAIT_S)

    step = lambda: engine.step([BODY, DISC], 1, reverse=False, run=1)  # noqa: E731
    engine.submit(Priority.STEP, step).result(WAIT_S)

    assert ("v", 2) in engine.features
    assert engine.features.encoded == 3
