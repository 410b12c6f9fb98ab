"""Batches match their order, repeat exactly, and never hold clips of the evaluation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from training.batches import BatchSpec, draw_batch, scene_seed
from training.sources import HELD_OUT_FIRST_SEED
from training.validation import SEED as VALIDATION_SEED

SPEC = BatchSpec(clips=2, frames=3, targets=3, size=64)


def test_batch_has_the_ordered_shape() -> None:
    batch = draw_batch(SPEC, np.random.default_rng(0), 7)
    assert batch.frames_vthwc.shape == (2, 3, 64, 64, 3)
    assert batch.truth_nthw.shape == (6, 3, 32, 32)
    assert batch.first_nhw.shape == (6, 64, 64)
    assert batch.targets_per_clip == 3


def test_frames_drawn_small_are_enlarged() -> None:
    plain = draw_batch(SPEC, np.random.default_rng(3), 7)
    large = draw_batch(replace(SPEC, size=80, drawn=64), np.random.default_rng(3), 7)
    assert large.frames_vthwc.shape == (2, 3, 80, 80, 3)
    assert large.truth_nthw.shape == (6, 3, 40, 40)
    assert large.first_nhw.shape == (6, 80, 80)
    assert np.allclose(large.first_nhw.mean((1, 2)), plain.first_nhw.mean((1, 2)), atol=0.02)
    assert np.allclose(large.truth_nthw.mean((2, 3)), plain.truth_nthw.mean((2, 3)), atol=0.02)


def test_every_target_is_seen_on_the_first_frame() -> None:
    batch = draw_batch(SPEC, np.random.default_rng(1), 8)
    assert batch.first_nhw.any((1, 2)).all()


def test_same_seed_gives_the_same_batch() -> None:
    one, other = (draw_batch(SPEC, np.random.default_rng(2), 9) for _ in range(2))
    assert np.array_equal(one.frames_vthwc, other.frames_vthwc)
    assert np.array_equal(one.truth_nthw, other.truth_nthw)


def test_training_never_draws_a_held_out_clip() -> None:
    assert scene_seed(0, 0) > HELD_OUT_FIRST_SEED + 10**8
    assert scene_seed(0, 0) > VALIDATION_SEED + 10**8
    assert scene_seed(0, 300_000) < scene_seed(1, 0)
