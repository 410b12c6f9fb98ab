"""Plants faults in exact masks: shifted, emptied, swapped, a piece lost, slowly drifted off."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Masks = npt.NDArray[np.bool_]  # (t, h, w)
Rng = np.random.Generator

LEAST_AREA = 60  # px; smaller masks are hardly there
DRIFT_FRAMES = 14
OFF_SHARE = 0.7  # IoU with the truth below which a drifted mask counts as faulty


def shifted(masks: Masks, others: Masks, at: int, rng: Rng) -> list[int]:
    """Move one mask by 0.35 to 0.7 of its own size."""
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.35, 0.7) * np.sqrt(masks[at].sum())
    masks[at] = moved(masks[at], far * np.cos(angle), far * np.sin(angle))
    return [at]


def emptied(masks: Masks, others: Masks, at: int, rng: Rng) -> list[int]:
    """Empty one mask."""
    masks[at] = False
    return [at]


def swapped(masks: Masks, others: Masks, at: int, rng: Rng) -> list[int]:
    """Give three masks in a row those of another instance."""
    frames = list(range(at, min(at + 3, len(masks))))
    masks[frames] = others[frames]
    return frames


def piece_lost(masks: Masks, others: Masks, at: int, rng: Rng) -> list[int]:
    """Cut off a third to a half of one mask, by a straight line."""
    ys, xs = np.nonzero(masks[at])
    angle = rng.uniform(0, 2 * np.pi)
    along = xs * np.cos(angle) + ys * np.sin(angle)
    gone = along > np.quantile(along, 1 - rng.uniform(0.33, 0.5))
    masks[at, ys[gone], xs[gone]] = False
    return [at]


def drifted(masks: Masks, others: Masks, at: int, rng: Rng) -> list[int]:
    """Let masks slide off the object, further on each frame; then they are right again."""
    angle = rng.uniform(0, 2 * np.pi)
    faulty = []
    for step, frame_idx in enumerate(range(at, min(at + DRIFT_FRAMES, len(masks)))):
        far = (step + 1) / DRIFT_FRAMES * np.sqrt(masks[frame_idx].sum())
        true = masks[frame_idx].copy()
        masks[frame_idx] = moved(true, far * np.cos(angle), far * np.sin(angle))
        both, either = (true & masks[frame_idx]).sum(), (true | masks[frame_idx]).sum()
        if both < OFF_SHARE * either:
            faulty.append(frame_idx)
    return faulty


def moved(mask_hw: Masks, dx: float, dy: float) -> Masks:
    """Move a mask by whole pixels; what leaves the frame is lost."""
    matrix = np.array([[1, 0, round(dx)], [0, 1, round(dy)]], np.float32)
    height, width = mask_hw.shape
    return np.asarray(cv2.warpAffine(mask_hw.astype(np.uint8), matrix, (width, height)) > 0)


FAULTS: dict[str, Callable[[Masks, Masks, int, Rng], list[int]]] = {
    "shifted": shifted,
    "emptied": emptied,
    "swapped": swapped,
    "piece lost": piece_lost,
    "slow drift": drifted,
}
LONG_FAULTS = frozenset({"slow drift"})
