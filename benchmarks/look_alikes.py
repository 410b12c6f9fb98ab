"""Draws clips in which things look alike, cross, hide and go away for a while."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask

KINDS = ("alike", "crossing", "absent")  # things side by side; that cross; that leave and return
SKINS = ((210, 60, 50), (60, 190, 80), (70, 90, 220), (220, 190, 60), (200, 80, 200))
THINGS = 3
SWING_FRAMES = 120  # of one swing to and fro, about


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """A clip and the masks of what is seen of each thing; the first is to be tracked."""

    kind: str
    frames_thwc: npt.NDArray[np.uint8]
    masks_nthw: BoolMask

    @property
    def target_thw(self) -> BoolMask:
        """Masks of the thing to track."""
        target: BoolMask = self.masks_nthw[0]
        return target


def draw_look_alikes(kind: str, seed: int, num_frames: int, side: int = 192) -> LookAlikes:
    """Draw a clip of a kind; the same seed gives the same pixels."""
    rng = np.random.default_rng((KINDS.index(kind), seed))
    ground = _texture(rng, side, (90, 90, 80), 30)
    skin = _texture(rng, side, SKINS[int(rng.integers(len(SKINS)))], 12)
    axes = tuple(int(side * share) for share in rng.uniform(0.07, 0.13, 2))
    paths = [_path(rng, kind, number, num_frames, side) for number in range(THINGS)]
    frames = np.empty((num_frames, side, side, 3), np.uint8)
    masks = np.zeros((THINGS, num_frames, side, side), np.bool_)
    bar = _bar(rng, side) if kind == "absent" else None
    for frame_idx in range(num_frames):
        image = ground.copy()
        owner = np.full((side, side), -1, np.int8)
        for number in reversed(range(THINGS)):  # the target lies in front half of the time
            layer = np.zeros((side, side), np.uint8)
            x, y, turn = paths[number][frame_idx]
            centre = (int(round(x)), int(round(y)))
            cv2.ellipse(layer, centre, axes, float(turn), 0, 360, 1, -1)
            shade = 1.0 - 0.08 * number
            image[layer > 0] = (skin[layer > 0] * shade).astype(np.uint8)
            owner[layer > 0] = number
        if bar is not None:
            image[:, bar], owner[:, bar] = (50, 60, 120), -1
        frames[frame_idx] = cv2.GaussianBlur(image, (3, 3), 0)
        for number in range(THINGS):
            masks[number, frame_idx] = owner == number
    return LookAlikes(kind, frames, masks)


def _path(
    rng: np.random.Generator, kind: str, number: int, num_frames: int, side: int
) -> npt.NDArray[np.float64]:
    """Return (t, 3): centre and turn of a thing over time."""
    time = np.arange(num_frames) / SWING_FRAMES
    phase, turns = rng.uniform(0, 2 * np.pi), rng.uniform(0.8, 1.4)
    swing = side * rng.uniform(0.25, 0.36)
    x = side / 2 + swing * np.cos(2 * np.pi * turns * time + phase)
    y = side * (0.25 + 0.25 * number) + side * 0.04 * np.sin(2 * np.pi * 3 * time + phase)
    if kind == "crossing":
        lift = side * 0.22 * np.sin(2 * np.pi * rng.uniform(0.6, 1.2) * time + phase)
        y = side / 2 + (number - 1) * lift + side * 0.05 * (number - 1)
    if kind == "absent" and number == 0:
        share = np.linspace(0, 1, num_frames)
        away = (share > 0.35) & (share < 0.35 + rng.uniform(0.1, 0.25))
        x = np.where(away, side * 3.0, x)
    turn = 40 * np.sin(2 * np.pi * turns * time + number)
    return np.stack([x, y, turn], axis=1)


def _bar(rng: np.random.Generator, side: int) -> slice:
    left = int(side * rng.uniform(0.3, 0.6))
    return slice(left, left + side // 8)


def _texture(
    rng: np.random.Generator, side: int, colour: tuple[int, ...], spread: int
) -> npt.NDArray[np.uint8]:
    coarse = rng.normal(0, spread, (side // 8, side // 8, 3)).astype(np.float32)
    smooth = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, 6, (side, side, 1))
    return np.asarray((np.array(colour) + smooth + grain).clip(0, 255), np.uint8)
