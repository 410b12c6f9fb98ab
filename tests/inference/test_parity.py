"""Our masks against the unmodified predictor's, bit for bit, in float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sam2_session.core.types import Box, FramePrompt
from sam2_session.inference.masks import to_mask
from sam2_session.inference.network import Network
from tests.inference.conftest import load_demo, load_plain
from tests.inference.driving import BODY, DISC, LAST, SIZE_HW, Ours, assert_same
from tests.small_input import SMALL


@pytest.fixture
def ours_and_plain(make_engine: Any, make_plain: Any) -> tuple[Ours, Any]:
    """Both at the size of the configuration, as people use them; other tests take a small one."""
    network, plain = load_demo(image_size=None), load_plain(image_size=None)
    assert network.image_size == plain.image_size == 384
    return Ours(make_engine(network=network), BODY), make_plain(plain)


def test_clicks_are_those_of_the_plain_predictor(ours_and_plain: tuple[Ours, Any]) -> None:
    ours, plain = ours_and_plain

    for click in [(0, 30.5, 35.25, 1), (0, 15, 22, 1), (0, 100, 60, 0), (7, 50, 35, 1)]:
        mask = ours.click(*click)

        assert np.array_equal(mask, plain.click(*click))
        assert mask.any()


def test_a_box_and_clicks_after_it_are_the_same(make_engine: Any, make_plain: Any) -> None:
    ours, plain = Ours(make_engine(), DISC), make_plain()

    boxed = ours.prompt(0, FramePrompt((), Box(100, 45, 140, 85)))

    assert np.array_equal(boxed, plain.box(0, [100, 45, 140, 85]))
    assert np.array_equal(ours.click(0, 120, 65, 1), plain.click(0, 120, 65, 1))


def test_a_forward_pass_is_the_same(ours_and_plain: tuple[Ours, Any]) -> None:
    ours, plain = ours_and_plain
    for tool in (ours, plain):
        tool.click(2, 40, 35, 1)

    assert_same(ours.propagate(range(2, LAST + 1)), plain.propagate())


def test_corrections_survive_and_change_later_frames(make_engine: Any, make_plain: Any) -> None:
    ours, plain = Ours(make_engine(), BODY), make_plain()
    for tool in (ours, plain):
        tool.click(0, 30, 35, 1)
    first = ours.propagate(range(LAST + 1))
    assert_same(first, plain.propagate())

    corrected = ours.click(12, 40, 25, 0)

    assert np.array_equal(corrected, plain.click(12, 40, 25, 0))
    second = ours.propagate(range(LAST + 1))
    assert_same(second, plain.propagate())
    assert np.array_equal(second[12], corrected)
    assert any(not np.array_equal(first[idx], second[idx]) for idx in range(13, LAST + 1))


def test_a_backward_pass_after_a_forward_one_is_the_same(make_engine: Any, make_plain: Any) -> None:
    ours, plain = Ours(make_engine(), DISC), make_plain()
    for tool in (ours, plain):
        tool.click(14, 92, 65, 1)
    assert_same(ours.propagate(range(14, LAST + 1)), plain.propagate())

    backward = ours.propagate(range(14, -1, -1), reverse=True)

    assert_same(backward, plain.propagate(reverse=True))


def test_a_click_ahead_of_the_start_does_not_crash_in_float32(make_engine: Any) -> None:
    ours = Ours(make_engine(), BODY)
    ours.click(10, 50, 35, 1)

    masks = ours.propagate(range(0, 3))

    assert all(mask.shape == SIZE_HW for mask in masks.values())


def test_pairs_in_lockstep_give_what_each_gives_alone(make_engine: Any, make_plain: Any) -> None:
    engine = make_engine()
    body, disc = Ours(engine, BODY), Ours(engine, DISC)
    alone, other = make_plain(), make_plain()
    for tool in (body, alone):
        tool.click(0, 30, 35, 1)
    for tool in (disc, other):
        tool.click(0, 120, 65, 1)
    for tool in (body, disc):
        tool.do(lambda tool=tool: engine.session(tool.key).condition())

    both = [
        body.do(lambda idx=idx: engine.step([BODY, DISC], idx, reverse=False, run=1))
        for idx in range(LAST + 1)
    ]

    assert_same({i: to_mask(step[BODY], SIZE_HW) for i, step in enumerate(both)}, alone.propagate())
    assert_same({i: to_mask(step[DISC], SIZE_HW) for i, step in enumerate(both)}, other.propagate())
    assert engine.features.encoded == LAST + 1


@pytest.mark.parametrize("limits", [{"feature_cache_bytes": 1, "session_memory_bytes": 1}])
def test_starved_caches_change_nothing(
    make_engine: Any, make_plain: Any, limits: dict[str, int]
) -> None:
    ours, plain = Ours(make_engine(**limits), BODY), make_plain()
    for tool in (ours, plain):
        tool.click(0, 30, 35, 1)

    assert_same(ours.propagate(range(LAST + 1)), plain.propagate())


@pytest.mark.slow  # most tests of this file take the smaller input
def test_a_smaller_input_is_the_plain_predictor_s_too(
    network: Network, make_engine: Any, make_plain: Any
) -> None:
    ours, plain = Ours(make_engine(), BODY), make_plain()
    for tool in (ours, plain):
        tool.click(0, 30, 35, 1)

    assert_same(ours.propagate(range(LAST + 1)), plain.propagate())
    assert network.logits_hw == (SMALL // 4, SMALL // 4)


def test_what_another_size_predicted_is_told_apart(network: Network) -> None:
    assert load_demo(image_size=None).signature != network.signature


def test_a_session_rebuilt_in_mid_run_goes_on_bit_for_bit(
    make_engine: Any, make_plain: Any
) -> None:
    ours, plain = Ours(make_engine(), BODY), make_plain()
    for tool in (ours, plain):
        tool.click(0, 30, 35, 1)
    before = ours.propagate(range(12))
    ours.do(lambda: ours.engine.drop_session(BODY))

    rebuilt = Ours(make_engine({BODY: ours.predictions}), BODY)

    assert_same(before | rebuilt.propagate(range(12, LAST + 1)), plain.propagate())
