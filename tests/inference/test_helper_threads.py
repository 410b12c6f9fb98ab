"""Helpers of the network compute the same with one thread, and change nobody else's number."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest
import torch

from sam2_session.core.predictions import Prediction
from sam2_session.inference.helper_threads import use_one_thread
from sam2_session.inference.masks import to_logits
from sam2_session.runtime import ThreadPool

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
