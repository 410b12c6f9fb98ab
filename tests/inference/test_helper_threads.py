"""Helpers of the network compute the same with one thread, and change nobody else's number."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pytest
import torch

from sam2_session.core.predictions import Prediction
from sam2_session.inference.helper_threads import one_thread, use_one_thread
from sam2_session.inference.masks import to_logits
from sam2_session.runtime import ThreadPool
from tests.inference.conftest import load_demo
from tests.inference.driving import BODY, Ours

T = TypeVar("T")


def in_helper(work: Callable[[], T]) -> T:
    with ThreadPool(1, initializer=use_one_thread) as pool:
        return pool.submit(work).result()


@pytest.mark.skipif(sys.platform != "linux", reason="torch brings another OpenMP there")
def test_one_thread_here_leaves_the_others_as_they_are() -> None:
    before = torch.get_num_threads()

    assert in_helper(torch.get_num_threads) == 1

    with ThreadPool(1) as pool:
        assert pool.submit(torch.get_num_threads).result() == before
    assert torch.get_num_threads() == before


def test_a_mask_is_enlarged_to_the_same_bits() -> None:
    logits_hw = np.random.default_rng(4).normal(0, 9, (96, 96)).astype(np.float32)
    prediction = Prediction(logits_hw, np.zeros(8, np.float32), 1.0)

    def enlarge() -> bytes:
        return to_logits(prediction, (1080, 1920)).tobytes()

    assert in_helper(enlarge) == enlarge()


def test_in_bfloat16_clicks_and_a_run_are_the_same_bits_by_one_thread(make_engine: Any) -> None:
    def predicted(*, alone: bool) -> list[bytes]:
        network = load_demo(precision="bf16")
        network.works_alone = alone  # a click takes one thread then, and so does a run meanwhile
        ours = Ours(make_engine(network=network, logs=f"{alone}_"), BODY)
        for click in [(0, 30.5, 35.25, 1), (0, 100, 60, 0), (3, 50, 35, 1)]:
            ours.click(*click)
        ours.propagate(range(7))
        ours.click(5, 40, 25, 0)
        session = ours.do(lambda: ours.engine.session(BODY))
        tracked = [session.tracked(frame_idx) for frame_idx in (1, 2, 4, 5, 6)]
        return [each.pack() for each in (*ours.predictions.values(), *tracked)]

    assert predicted(alone=True) == predicted(alone=False)


def test_a_block_takes_one_thread_and_gives_the_number_back() -> None:
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1 or sys.platform != "linux"
    assert torch.get_num_threads() == before
