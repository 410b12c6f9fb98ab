"""A small fixed validation during training, at full size; evaluate.py is the thorough one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from training.batches import Batch, BatchSpec, draw_batch
from training.episode import EpisodePlan, play
from training.schedule import ENLARGED, FULL

SEED = 900_000_000  # beyond training's seeds, before evaluate.py's
IMAGES = BatchSpec(clips=24, frames=1, targets=3, size=FULL, mosaic_share=0.0, drawn=ENLARGED)
CLIPS = BatchSpec(clips=5, frames=10, targets=2, size=FULL, mosaic_share=0.0, drawn=ENLARGED)


class Validation:
    """Validation clips, drawn once; `measure` returns a network's mean IoUs on them."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._images: Batch | None = None
        self._clips: Batch | None = None

    @torch.no_grad()
    def measure(self, network: Any) -> dict[str, float]:
        """Measure IoU after a click, after corrections, on tracked frames, and on the last one."""
        if self._images is None or self._clips is None:
            rng = np.random.default_rng(SEED)
            self._images = draw_batch(IMAGES, rng, SEED)
            self._clips = draw_batch(CLIPS, rng, SEED + 1000)
        network.to(self._device).eval()
        with _fixed_chance():
            single = play(network, self._images, EpisodePlan("click", 2, None), step=10**9).ious
            clip = play(network, self._clips, EpisodePlan("click", 2, None), step=10**9).ious
        return {
            "click_1": float(np.mean(single["first_click"])),
            "click_2": float(np.mean(single["click_2"])),
            "click_3": float(np.mean(single["click_3"])),
            "tracked": float(np.mean(clip["tracked"])),
            "last": clip["tracked"][-1],
        }


@contextmanager
def _fixed_chance() -> Iterator[None]:
    """Fix the random clicks, without changing those of the training."""
    state = torch.get_rng_state()
    torch.manual_seed(SEED)
    try:
        yield
    finally:
        torch.set_rng_state(state)
