"""The training schedule: everything depends on the share of the time that has passed.

Small single images first, where a step is cheap and the prompt learns to matter; then clips, which
teach the memory; full size at the end, where thin things and borders are learnt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from training.batches import BatchSpec

SMALL, FULL = 128, 384  # pixels
ENLARGED = 256  # most full-size frames are drawn this small and enlarged, like small videos
ENLARGED_SHARE = 0.65
IMAGES_UNTIL = 0.27
SMALL_UNTIL = 0.78
EASY_UNTIL = 0.30
IMAGE_SHARE = 0.3  # of the batches are single images, once there are clips
IMAGE_SHARE_LATER = 0.95  # once the network tracks; a clip takes four times as long
WARM_UP_STEPS = 60
TARGETS, IMAGE_TARGETS_LATER = 3, 6  # of each frame; one more costs a tenth of an image's step
MOSAIC_SHARE_LATER = 0.08
KICK_OFF_STEPS = 1000  # more than any rule for the first steps needs
LAST_RATE = 0.02  # of the highest learning rate


@dataclass(frozen=True, slots=True)
class Moment:
    """One training step: its batch, its learning rate and the number of corrections."""

    spec: BatchSpec
    learning_rate: float
    most_corrections: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """The plan of one run: `load` scales the number of clips; `kicked_off` skips what only a
    network of random weights needs.
    """

    peak_rate: float
    load: float = 1.0
    kicked_off: bool = False

    def moment(self, progress: float, step: int, rng: np.random.Generator) -> Moment:
        """Plan the step at this share (0 to 1) of the time."""
        rate = self.peak_rate * min(1.0, (step + 1) / WARM_UP_STEPS) * _cosine(progress)
        learnt = self.steps_learnt(step)
        corrections = 0 if learnt < 150 else 1 if learnt < 300 else 2
        if not self.kicked_off:
            return Moment(_spec(progress, IMAGE_SHARE, rng, self.load), rate, corrections)
        # at full size: small frames had nothing left to teach (docs/demo-model.md)
        stage = SMALL_UNTIL + (1 - SMALL_UNTIL) * progress
        spec = _spec(stage, IMAGE_SHARE_LATER, rng, self.load)
        if spec.frames == 1:
            spec = replace(spec, targets=IMAGE_TARGETS_LATER, mosaic_share=MOSAIC_SHARE_LATER)
        return Moment(spec, rate, corrections)

    def steps_learnt(self, step: int) -> int:
        """Steps since the weights were random, as the rules for the first steps count them."""
        return step + KICK_OFF_STEPS if self.kicked_off else step


def _cosine(progress: float) -> float:
    return LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * progress))


def _spec(progress: float, image_share: float, rng: np.random.Generator, load: float) -> BatchSpec:
    small = progress < SMALL_UNTIL
    size = SMALL if small else FULL
    rise = min(1.0, progress / EASY_UNTIL)
    drawn = SMALL if small else ENLARGED if rng.random() < ENLARGED_SHARE else FULL
    mix = {
        "size": size,
        "drawn": drawn,
        "hardness": 0.1 + 0.9 * rise,
        "mosaic_share": 0.85 - 0.7 * rise,
    }
    if progress < IMAGES_UNTIL or rng.random() < image_share:
        return BatchSpec(_scaled(8 if small else 3, load), 1, TARGETS, **mix)  # type: ignore[arg-type]
    frames = int(rng.choice([2, 4, 6, 8] if progress > 0.5 else [2, 3, 4, 5]))
    clips = max(1, round((14 if small else 5) / frames))
    mix["mosaic_share"] = MOSAIC_SHARE_LATER
    return BatchSpec(_scaled(clips, load), frames, TARGETS, **mix)  # type: ignore[arg-type]


def _scaled(count: int, load: float) -> int:
    return max(1, round(count * load))
