"""Memory modes: which frames a step of a run attends to, instead of those that sam2 would choose.

sam2 attends to the prompted frames, to the memories of the last 6 frames and to the pointers of the
last 15. A mode puts other frames in these places; it is a function of prompts and track log alone.
Every mode is written anew from a published description; no code was taken from anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Protocol

import numpy as np

from sam2_session.core.masks import mask_facts
from sam2_session.core.types import BoolMask, MemoryMode
from sam2_session.formats.shapes.cleaning import largest_piece
from sam2_session.inference.box_motion import Box, box_iou, expected_box
from sam2_session.inference.memory import MEMORY_FRAMES, RING_FRAMES, FrameOutput, Sources
from sam2_session.storage.track_log import TrackTrust

WALK_FRAMES = 300  # a mode looks no further back
LEAST_TRUST = 0.01  # of a visible frame: presence times expected IoU
LEAST_IOU = 0.5  # of a memory in `motion`
MOTION_WEIGHT, STABLE_FRAMES = 0.2, 15  # of the expected box, once so many frames were seen
MOST_RIVALS = 4  # frames held like prompted ones
STRIDE = 5  # frames between the others in `distractor`
RIVAL_IOU, RIVAL_BOX_IOU, RIVAL_GAP = 0.8, 0.7, 5
AREA_FRAMES, AREA_RANGE = 10, (0.8, 1.2)  # of the median


class Track(Protocol):
    """Tracked frames of a session, as one step sees them."""

    def get(self, frame_idx: int, default: Any = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Step:
    """A step that chooses its memories: the outputs before it and how far each is to be trusted."""

    frame_idx: int
    reverse: bool
    conditioned: Mapping[int, FrameOutput]
    track: Track
    trust: Callable[[int], TrackTrust | None]

    def at(self, distance: int) -> int:
        """Return the frame this far behind, in the direction of the pass."""
        return self.frame_idx + distance if self.reverse else self.frame_idx - distance

    def behind(self) -> Iterator[tuple[int, TrackTrust]]:
        """Go back over the tracked frames."""
        for distance in range(1, WALK_FRAMES + 1):
            trust = self.trust(self.at(distance))
            if trust is not None:
                yield self.at(distance), trust


def choose(memory: MemoryMode, step: Step) -> Sources:
    """Choose what a step attends to; each place counts as one more frame of distance."""
    if memory is MemoryMode.DISTRACTOR:
        return _distractor(step)
    accepts = _is_visible if memory is MemoryMode.VISIBLE else _is_sure
    return _placed(step, list(_walk(step, accepts)))


def _walk(step: Step, accepts: Callable[[TrackTrust], bool]) -> Iterator[int]:
    """Choose by walking back: `visible`, the rule that SAM 3 ships with (Meta, 2025, SAM licence).

    Memories and pointers come from the nearest frames on which the object was seen; the neighbour
    is always among them. `motion` walks the same way and asks for more.
    """
    found = 0
    for frame_idx, trust in step.behind():
        if found == RING_FRAMES:
            return
        if frame_idx == step.at(1) or accepts(trust):
            found += 1
            yield frame_idx


def _is_visible(trust: TrackTrust) -> bool:
    presence = max(0.0, 2 / (1 + np.exp(-trust.score)) - 1)
    return bool(presence * _iou(trust) > LEAST_TRUST)


def _is_sure(trust: TrackTrust) -> bool:
    """Ask for presence and an expected IoU, as SAMURAI does (arXiv 2411.11922, Apache 2.0)."""
    return trust.score > 0 and _iou(trust) > LEAST_IOU


def _iou(trust: TrackTrust) -> float:
    return 1.0 if trust.iou is None else trust.iou


def _placed(step: Step, frames: Sequence[int]) -> Sources:
    outputs = [step.track.get(frame_idx) for frame_idx in frames]
    held = [output for output in outputs if output is not None]
    return Sources(
        dict(step.conditioned), {step.at(place): out for place, out in enumerate(held, start=1)}
    )


def _distractor(step: Step) -> Sources:
    """Hold frames on which another thing might have been meant like prompted ones.

    After DAM4SAM (Videnovic, Lukezic, Kristan, CVPR 2025, arXiv 2411.17576). Of seven memories up
    to four are prompted or such frames, the others the neighbour and every fifth frame on which the
    object was present.
    """
    space = max(0, MOST_RIVALS - len(step.conditioned))
    rivals: list[int] = []
    recent: list[int] = []
    for frame_idx, trust in step.behind():
        if trust.has_rival and len(rivals) < space:
            rivals.append(frame_idx)
        distance = abs(frame_idx - step.frame_idx)
        is_due = distance == 1 or (distance % STRIDE == 0 and trust.score > 0)
        if is_due and len(recent) < MEMORY_FRAMES + 1 - MOST_RIVALS:
            recent.append(frame_idx)
        if len(rivals) == space and len(recent) == MEMORY_FRAMES + 1 - MOST_RIVALS:
            break
    held = {idx: output for idx in rivals if (output := step.track.get(idx)) is not None}
    placed = _placed(step, recent)
    for distance in range(MEMORY_FRAMES + 1, RING_FRAMES + 1):  # pointers alone
        output = step.track.get(step.at(distance))
        if output is not None:
            placed.tracked[step.at(distance)] = output
    return Sources(dict(sorted({**step.conditioned, **held}.items())), placed.tracked)


def has_rival(step: Step, iou: float, candidates_mhw: BoolMask, chosen: int) -> bool:
    """Tell if a frame just tracked is one that `distractor` holds: another thing might be meant.

    The mask is trusted and of its usual size, the last such frame lies some frames back, and the
    largest piece of another candidate beyond the mask changes its box much.
    """
    mask_hw = candidates_mhw[chosen]
    area = int(mask_hw.sum())
    areas: list[int] = []
    since = RIVAL_GAP + 1
    for frame_idx, trust in step.behind():
        if trust.has_rival:
            since = min(since, abs(frame_idx - step.frame_idx))
        if len(areas) == AREA_FRAMES or since <= RIVAL_GAP:
            break
        if trust.score > 0 and (output := step.track.get(frame_idx)) is not None:
            areas.append(int((output.prediction.logits_hw > 0).sum()))
    if not area or iou <= RIVAL_IOU or since <= RIVAL_GAP or not areas:
        return False
    low, high = (bound * median(areas) for bound in AREA_RANGE)
    if not low <= area <= high:
        return False
    others = [other for at, other in enumerate(candidates_mhw) if at != chosen]
    return any(_differs(mask_hw, other_hw) for other_hw in others)


def _differs(mask_hw: BoolMask, other_hw: BoolMask) -> bool:
    piece_hw = largest_piece(other_hw & ~mask_hw)
    if piece_hw is None:
        return False
    return box_iou(_box(mask_hw), _box(mask_hw | piece_hw)) <= RIVAL_BOX_IOU


def _box(mask_hw: BoolMask) -> Box:
    return np.array(mask_facts(mask_hw).box or (0, 0, 0, 0), np.float64)


def expected_next(step: Step) -> Box | None:
    """Return where `motion` expects the box, in logits' pixels; None before it is stable.

    After SAMURAI (Yang et al., 2024, arXiv 2411.11922): a Kalman filter on the box of the mask
    helps to choose among the candidates.
    """
    boxes = []
    for distance in range(1, STABLE_FRAMES + 1):
        trust = step.trust(step.at(distance))
        output = None if trust is None or trust.score <= 0 else step.track.get(step.at(distance))
        if output is None:
            return None
        boxes.append(_box(output.prediction.logits_hw > 0))
    return expected_box(boxes[::-1])


def preferred(expected: Box | None, candidates_mhw: BoolMask, ious: Sequence[float]) -> list[float]:
    """Weigh the expected IoU of each candidate by how well its box lies where it is expected."""
    if expected is None:
        return list(ious)
    fits = [box_iou(expected, _box(mask_hw)) for mask_hw in candidates_mhw]
    return [
        (1 - MOTION_WEIGHT) * iou + MOTION_WEIGHT * fit for iou, fit in zip(ious, fits, strict=True)
    ]
