"""The drawn clips that a simulated annotator works on, with the true masks of each pair."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from benchmarks.look_alikes import draw_look_alikes
from sam2_session.core.types import BoolMask
from training.clips import ClipSpec, make_clip

KINDS = ("alike", "occluded", "absent", "parts")
FPS = Fraction(25)
SIDE = 192  # of the frames, in px
LEAST_SHARE = 0.2  # of an object's usual area; with less of it in sight a mask is not judged
TOOLS = ((0, "overall"), (1, "overall"))  # tool, region: one goes in front of the other
PARTS = ((0, "shaft"), (0, "gripper"), (1, "shaft"), (1, "gripper"))


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip and the true masks (t, h, w) of its pairs, named by object and region."""

    kind: str
    frames_thwc: npt.NDArray[np.uint8]
    truths: dict[tuple[int, str], BoolMask]
    fps: Fraction = FPS

    def judged(self, pair: tuple[int, str]) -> BoolMask:
        """Tell for each frame whether its mask is judged: not where a sliver is all one sees."""
        areas = self.truths[pair].sum(axis=(1, 2))
        seen = areas[areas > 0]
        least = LEAST_SHARE * float(np.median(seen)) if len(seen) else 0.0
        return np.asarray((areas == 0) | (areas >= least), np.bool_)


def draw_clip(kind: str, seed: int, num_frames: int) -> Clip:
    """Draw a clip of a kind; the same seed gives the same pixels."""
    if kind in ("occluded", "parts"):
        wanted = PARTS if kind == "parts" else TOOLS
        drawn = make_clip(ClipSpec(seed=seed, num_frames=num_frames, size_hw=(SIDE, SIDE)))
        truths = {pair: drawn.masks_thw(*pair) for pair in wanted}
        return Clip(kind, drawn.frames_thwc, truths)
    things = draw_look_alikes(kind, seed, num_frames, SIDE)
    truths = {(thing, "overall"): things.masks_nthw[thing] for thing in range(2)}
    return Clip(kind, things.frames_thwc, truths)
