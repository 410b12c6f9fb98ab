"""Clips in which a run goes astray."""

from __future__ import annotations

import functools
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from tests.annotating import SIZE
from training.clips import ClipSpec, make_clip
from training.video import write_video

Frames = npt.NDArray[np.uint8]  # (t, h, w, 3) RGB

NUM_FRAMES = 20
GONE = 6  # the first frame without the body
CUT = 12  # the first frame of the second scene

_encoded: dict[bytes, bytes] = {}


@functools.cache
def vanishing() -> Frames:
    """A disc that stays, and a red body that leaves after a few frames."""
    width, height = SIZE
    grain = np.random.default_rng(3).integers(60, 110, (height, width, 1)).astype(np.uint8)
    frames = np.stack([np.repeat(grain, 3, axis=2)] * NUM_FRAMES)
    for frame_idx, image in enumerate(frames):
        if frame_idx < GONE:
            body = (10 + 2 * frame_idx, 12), (60 + 2 * frame_idx, 48)
            cv2.rectangle(image, *body, (220, 40, 40), -1)
        cv2.circle(image, (130 - 2 * frame_idx, 70), 16, (40, 200, 70), -1)
    return frames


@functools.cache
def two_scenes() -> Frames:
    """Two drawn clips, one after the other."""
    size_hw = (SIZE[1], SIZE[0])
    drawn = [make_clip(ClipSpec(seed, CUT, size_hw)).frames_thwc for seed in (14, 2)]
    return np.concatenate(drawn)


def write_clip(path: Path, frames: Frames) -> None:
    """Nearly lossless, so that colours stay what they were drawn as; encoded once per process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = sha256(frames.tobytes()).digest()
    if key not in _encoded:
        write_video(path, frames, Fraction(25), crf=1)
        _encoded[key] = path.read_bytes()
    path.write_bytes(_encoded[key])
