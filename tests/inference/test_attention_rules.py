"""A frame attends to the nearest prompted ones, and to none from around prompts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sam2_session.inference.network import AttentionRules, Network
from tests.inference.conftest import load_demo, load_plain
from tests.inference.driving import BODY, LAST, Ours, assert_same

CLEARED = AttentionRules(clear_around_prompts=True)
AROUND = 7  # frames, sam2's num_maskmem


def by(rules: AttentionRules) -> Network:
    network = load_demo()
    network.attend_by(rules)
    return network


def click_on(tool: Any, *frames: int) -> None:
    for idx in frames:
        tool.click(idx, 30 + 2 * idx, 35, 1)


@pytest.mark.parametrize("near", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_capped_runs_are_those_of_the_plain_predictor_with_the_same_cap(
    make_engine: Any, make_plain: Any, near: int
) -> None:
    ours = Ours(make_engine(network=by(AttentionRules(near))), BODY)
    plain = make_plain(load_plain(f"++model.max_cond_frames_in_attn={near}"))
    for tool in (ours, plain):
        click_on(tool, *range(0, LAST, 2))  # more memories than are kept

    assert_same(ours.propagate(range(LAST + 1)), plain.propagate())
    backward = ours.propagate(range(24, -1, -1), reverse=True)
    assert_same(backward, plain.propagate(start_frame_idx=24, reverse=True))


def test_a_click_on_a_tracked_frame_is_capped_too(make_engine: Any, make_plain: Any) -> None:
    ours = Ours(make_engine(network=by(AttentionRules(2))), BODY)
    plain = make_plain(load_plain("++model.max_cond_frames_in_attn=2"))
    for tool in (ours, plain):
        click_on(tool, 0, 6, 12, 18)
    assert_same(ours.propagate(range(LAST + 1)), plain.propagate())

    for tool in (ours, plain):
        click_on(tool, 9)

    assert_same(ours.propagate(range(LAST + 1)), plain.propagate())


def test_the_cap_changes_what_is_found(make_engine: Any) -> None:
    found = []
    for near in (2, 0):
        ours = Ours(make_engine(network=by(AttentionRules(near))), BODY)
        click_on(ours, *range(0, LAST, 4))
        found.append(ours.propagate(range(LAST + 1)))

    assert any((found[0][idx] != found[1][idx]).any() for idx in range(LAST + 1))


@pytest.mark.parametrize(("near", "held"), [(2, 2 + 6), (0, 13)])
def test_only_memories_near_by_stay_on_the_device(make_engine: Any, near: int, held: int) -> None:
    engine = make_engine(network=by(AttentionRules(near)))
    ours = Ours(engine, BODY)
    click_on(ours, *range(0, LAST, 2))

    ours.propagate(range(LAST + 1))

    outputs = engine.session(BODY)._conditioned.values()
    assert sum(output.has_memory for output in outputs) == held


def repaired(predictor: Any) -> Any:
    """sam2's own predictor with the method it calls, and lacks, to clear memories."""

    def clear(state: dict[str, Any], frame_idx: int, obj_idx: int) -> None:
        tracked = state["output_dict_per_obj"][obj_idx]["non_cond_frame_outputs"]
        for idx in range(frame_idx - AROUND, frame_idx + AROUND + 1):
            tracked.pop(idx, None)

    predictor.clear_non_cond_mem_around_input = True
    predictor._clear_obj_non_cond_mem_around_input = clear
    return predictor


def test_clearing_around_prompts_is_what_the_plain_predictor_means_by_it(
    make_engine: Any, make_plain: Any
) -> None:
    ours = Ours(make_engine(network=by(CLEARED)), BODY)
    plain = make_plain(repaired(load_plain()))
    for tool in (ours, plain):
        click_on(tool, 2)
    assert_same(ours.propagate(range(2, LAST + 1)), plain.propagate())

    for tool in (ours, plain):
        click_on(tool, 12)  # with the memories before it, as they are not cleared yet

    assert_same(ours.propagate(range(2, LAST + 1), run=2), plain.propagate())
    backward = ours.propagate(range(2, -1, -1), reverse=True, run=2)
    assert_same(backward, plain.propagate(reverse=True))


def test_an_older_runs_memories_around_a_correction_are_not_attended_to(
    make_engine: Any, make_plain: Any
) -> None:
    ours = Ours(make_engine(network=by(CLEARED)), BODY)
    plain = make_plain(repaired(load_plain()))
    for tool in (ours, plain):
        click_on(tool, 2)
    assert_same(ours.propagate(range(2, LAST + 1)), plain.propagate())
    for tool in (ours, plain):
        click_on(tool, 12)

    later = ours.propagate(range(14, LAST + 1), run=2)  # behind 13, which the first run tracked

    assert_same(later, plain.propagate(start_frame_idx=14))


@pytest.fixture
def make_rebuilt(make_engine: Any) -> Callable[[Ours, Network], Ours]:
    """The same session in another process's place, from what the disk knows."""

    def rebuild(ours: Ours, network: Network) -> Ours:
        ours.do(lambda: ours.engine.drop_session(ours.key))
        rebuilt = Ours(make_engine({ours.key: ours.predictions}, network), ours.key)
        rebuilt.predictions, rebuilt.prompts = ours.predictions, ours.prompts
        return rebuilt

    return rebuild


def test_a_session_rebuilt_in_mid_run_goes_on_bit_for_bit(
    make_engine: Any, make_rebuilt: Any
) -> None:
    network = by(AttentionRules(2, clear_around_prompts=True))
    ours = Ours(make_engine(network=network), BODY)
    click_on(ours, 0)
    ours.propagate(range(LAST + 1))
    click_on(ours, 6, 10, 17)
    whole = ours.propagate(range(LAST + 1), run=2)
    begun = ours.propagate(range(14), run=3)

    rebuilt = make_rebuilt(ours, network)

    assert_same(begun | rebuilt.propagate(range(14, LAST + 1), run=3), whole)


def test_masks_of_other_rules_are_not_mixed_in(make_engine: Any) -> None:
    rules = [AttentionRules(), AttentionRules(2), AttentionRules(4), CLEARED]
    signatures = {by(rule).signature for rule in rules}
    assert len(signatures) == 4

    tracked = Ours(make_engine(network=by(AttentionRules(2))), BODY)
    click_on(tracked, 0)
    tracked.propagate(range(4))

    same, other = (make_engine(network=by(AttentionRules(near))) for near in (2, 4))
    assert Ours(same, BODY).do(lambda: same.session(BODY).tracked(3)) is not None
    assert Ours(other, BODY).do(lambda: other.session(BODY).tracked(3)) is None
