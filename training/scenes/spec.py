"""The specification of a scene to draw, and the types of what is drawn.

Lengths are fractions of the frame's side ("world" units) until `painter` turns them into pixels;
time is counted in ticks, one tick being a frame of a 25-Hz video.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rng = np.random.Generator
Image = npt.NDArray[np.uint8]  # frame_rgb_hwc
Grey = npt.NDArray[np.uint8]  # (h, w)
Frames = npt.NDArray[np.uint8]  # frames_thwc
BoolMasks = npt.NDArray[np.bool_]  # masks_thw
Floats = npt.NDArray[np.float64]

MIN_SIDE_PX = 32
LEAST_SHARE = 0.0015  # of the frame's pixels: what a target shows on frame 0


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """A scene to draw; the same spec gives the same pixels."""

    seed: int
    num_frames: int = 24
    size: int = 256
    hardness: float = 1.0  # 0: few large objects, clean; 1: everything an annotator meets
    mosaic: bool = False  # the frame is cut into cells, each a target: only the prompt decides

    def __post_init__(self) -> None:
        if self.num_frames < 1 or self.size < MIN_SIDE_PX:
            raise ValueError(f"a scene has at least one frame of {MIN_SIDE_PX} pixels a side")
        if not 0 <= self.hardness <= 1:
            raise ValueError(f"hardness must be 0 to 1, not {self.hardness}")


@dataclass(frozen=True, slots=True)
class Target:
    """Something to click: a whole object, a part of one, or a cell."""

    kind: str
    masks_thw: BoolMasks  # the visible pixels; all False where it is away or hidden


@dataclass(frozen=True, slots=True)
class Scene:
    """Frames, and what lies where; every target is seen on frame 0."""

    spec: SceneSpec
    frames_thwc: Frames
    targets: tuple[Target, ...]
