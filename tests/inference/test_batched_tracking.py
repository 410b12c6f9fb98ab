"""Several objects tracked in one call are what each is alone, but for the last bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.inference.batched_tracking import should_batch
from sam2_session.inference.engine import Engine
from sam2_session.inference.network import AttentionRules, Network
from tests.inference.conftest import load_demo
from tests.inference.driving import LAST, Ours

KEYS = [SessionKey("v", idx + 1, "body") for idx in range(3)]
USUAL = 2e-6  # relative L2 of the logits in float32
MOST = 5e-4  # if a last bit changed how a memory is rounded to bfloat16
Found = list[dict[SessionKey, Prediction]]


def track(engine: Engine, prompted: dict[SessionKey, tuple[int, ...]], first: int = 0) -> Found:
    """Click each key on its frames, run all of them forward, then backward from the first."""
    tools = [Ours(engine, key) for key in prompted]
    for tool, frames in zip(tools, prompted.values(), strict=True):
        for idx in frames:
            tool.click(idx, 30 + 2 * idx + 40 * (tool.key.instance_id == 2), 35, 1)
        tool.do(lambda tool=tool: engine.session(tool.key).condition())
    keys = list(prompted)
    steps = [(idx, False) for idx in range(first, LAST + 1)]
    steps += [(idx, True) for idx in range(first, -1, -1)]
    return [
        tools[0].do(lambda i=idx, r=reverse: engine.step(keys, i, reverse=r, run=1))
        for idx, reverse in steps
    ]


def assert_close(found: Found, wanted: Found) -> None:
    assert [list(step) for step in found] == [list(step) for step in wanted]
    logits, expected = (
        np.array([step[key].logits_hw for step in steps for key in step])
        for steps in (found, wanted)
    )
    errors = np.linalg.norm(logits - expected, axis=(1, 2)) / np.linalg.norm(expected, axis=(1, 2))
    assert np.median(errors) <= USUAL
    assert errors.max() <= MOST
    assert np.mean((logits > 0) != (expected > 0)) <= 1e-5


def count_calls(engine: Engine) -> list[int]:
    """The batch size of every call of the tracker from now on."""
    sizes: list[int] = []

    def count(_: Any, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        sizes.append(kwargs["memory"].shape[1])

    attention = engine.network.model.memory_attention
    attention.register_forward_pre_hook(count, with_kwargs=True)
    return sizes


@pytest.mark.parametrize(
    ("prompted", "rules"),
    [
        ({key: (0,) for key in KEYS}, AttentionRules()),
        pytest.param(
            {key: (0, 4, 9, 15) for key in KEYS},
            AttentionRules(2, clear_around_prompts=True),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_batch_of_objects_is_what_each_is_alone(
    make_engine: Any, prompted: dict[SessionKey, tuple[int, ...]], rules: AttentionRules
) -> None:
    network = load_demo()
    network.attend_by(rules)
    alone = track(make_engine(network=network), prompted)
    batched = make_engine(network=network, logs="batched_")
    batched.batch_objects = True
    sizes = count_calls(batched)

    found = track(batched, prompted)

    assert set(sizes) == {3}
    assert_close(found, alone)


def test_objects_that_attend_to_other_frames_are_tracked_by_themselves(make_engine: Any) -> None:
    prompted = {KEYS[0]: (0,), KEYS[1]: (0, 5), KEYS[2]: (0,)}
    network = load_demo()
    alone = track(make_engine(network=network), prompted)
    batched = make_engine(network=network, logs="batched_")
    batched.batch_objects = True
    sizes = count_calls(batched)

    found = track(batched, prompted)

    assert sorted(set(sizes)) == [1, 2]
    assert_close(found, alone)


def test_a_backward_pass_from_the_middle_is_the_same(make_engine: Any) -> None:
    prompted = {key: (8,) for key in KEYS[:2]}
    alone = track(make_engine(), prompted, first=8)
    batched = make_engine(logs="batched_")
    batched.batch_objects = True

    assert_close(track(batched, prompted, first=8), alone)


def test_a_batch_keeps_only_its_own_memory_for_each_session(make_engine: Any) -> None:
    engine = make_engine()
    engine.batch_objects = True
    track(engine, {key: (0,) for key in KEYS})

    for key in KEYS:
        for output in engine.session(key)._bank._ring.values():
            if output._memory is not None:
                assert output._memory.untyped_storage().nbytes() == output._memory.nbytes


def test_nine_objects_go_in_two_calls(make_engine: Any) -> None:
    keys = [SessionKey("v", idx + 1, "body") for idx in range(9)]
    engine = make_engine(network=load_demo())
    engine.batch_objects = True
    for key in keys:
        ours = Ours(engine, key)
        ours.click(0, 30, 35, 1)
        ours.do(lambda key=key: engine.session(key).condition())
    sizes = count_calls(engine)

    for idx in (0, 1):
        ours.do(lambda idx=idx: engine.step(keys, idx, reverse=False, run=1))

    assert sizes == [8, 1]


@pytest.mark.parametrize(("wanted", "expected"), [("auto", False), ("on", True), ("off", False)])
def test_on_a_processor_objects_go_one_by_one_unless_asked(
    network: Network, wanted: str, expected: bool
) -> None:
    assert should_batch(wanted, network) is expected
