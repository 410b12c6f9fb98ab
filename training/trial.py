"""Annotates one clip with sam2's public video predictor, and scores every mask."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
import torch

from training.annotator import Click, box_of, next_click
from training.clips import BoolMasks
from training.scoring import boundary_f, region_iou
from training.sources import EvalClip, Truth

CLICK_COUNTS = (1, 2, 3, 5)  # the mask of frame 0 is scored after so many clicks
PROMPTS = ("1", "3", "box", "mask")  # a target is tracked once from each of these
JUDGED_ABSENCE = "3"  # presence is scored for this prompt
PROBE_ID = 0  # the only object while clicks are simulated


@dataclass(frozen=True, slots=True)
class Verdict:
    """Score of one mask."""

    region_j: float
    boundary_f: float
    found: bool  # the mask is not empty
    there: bool  # the target is visible

    @classmethod
    def on(cls, mask_hw: BoolMasks, truth_hw: BoolMasks) -> Verdict:
        """Compare a mask with the truth."""
        j, f = region_iou(mask_hw, truth_hw), boundary_f(mask_hw, truth_hw)
        return cls(j, f, bool(mask_hw.any()), bool(truth_hw.any()))


@dataclass(frozen=True, slots=True)
class Track:
    """Scores of one target on the frames after 0, tracked from one prompt on frame 0."""

    region_j: float
    boundary_f: float
    right_absent: int  # of the frames without the target, those with an empty mask
    right_present: int

    @property
    def jf(self) -> float:
        """Mean of J and F."""
        return (self.region_j + self.boundary_f) / 2

    @classmethod
    def of(cls, verdicts: Sequence[Verdict]) -> Track:
        """Average over frames, and count how often presence was decided right."""
        seen = [(verdict.found, verdict.there) for verdict in verdicts]
        return cls(
            region_j=fmean(verdict.region_j for verdict in verdicts),
            boundary_f=fmean(verdict.boundary_f for verdict in verdicts),
            right_absent=seen.count((False, False)),
            right_present=seen.count((True, True)),
        )


@dataclass(frozen=True, slots=True)
class TargetResult:
    """All scores of one target."""

    clip: str
    kind: str
    ious: dict[int, float]  # on frame 0, by number of clicks
    iou_box: float
    tracks: dict[str, Track]  # by prompt
    absent: int  # frames after 0 without the target
    present: int
    clicks: tuple[Click, ...]


@dataclass(frozen=True, slots=True)
class ClipTrial:
    """Scores of a clip's targets, and their masks from three clicks for the contact sheet."""

    clip: EvalClip
    results: tuple[TargetResult, ...]
    masks_nthw: BoolMasks


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Prompts of one target on frame 0, and the IoU after each."""

    clicks: tuple[Click, ...]
    ious: dict[int, float]
    iou_box: float


def try_clip(predictor: Any, clip: EvalClip) -> ClipTrial:
    """Prompt, track and score every target of a clip."""
    with clip.folder() as folder, _without_progress_bars():
        state = predictor.init_state(str(folder), offload_video_to_cpu=True)
        attempts = [_prompt(predictor, state, truth.masks_thw[0]) for truth in clip.truths]
        for target_idx, (truth, attempt) in enumerate(zip(clip.truths, attempts, strict=True)):
            first_id = target_idx * len(PROMPTS)
            _prompt_every_way(predictor, state, first_id, truth.masks_thw[0], attempt.clicks)
        verdicts, masks_nthw = _carry(predictor, state, clip.truths)
    results = [
        _result(clip.name, truth, attempt, {p: Track.of(verdicts[i, p]) for p in PROMPTS})
        for i, (truth, attempt) in enumerate(zip(clip.truths, attempts, strict=True))
    ]
    return ClipTrial(clip, tuple(results), masks_nthw)


def _prompt(predictor: Any, state: Any, truth_hw: BoolMasks) -> _Attempt:
    """Click up to five times on frame 0, then try a box; the state is empty afterwards."""
    clicks: list[Click] = []
    ious: list[float] = []
    mask_hw: BoolMasks = np.zeros_like(truth_hw)
    for _ in range(max(CLICK_COUNTS)):
        click = next_click(mask_hw, truth_hw)
        if click is not None:  # None: nothing is left to correct
            mask_hw = _click(predictor, state, PROBE_ID, click)
            clicks.append(click)
        ious.append(region_iou(mask_hw, truth_hw))
    predictor.reset_state(state)
    iou_box = region_iou(_draw_box(predictor, state, PROBE_ID, truth_hw), truth_hw)
    predictor.reset_state(state)
    return _Attempt(tuple(clicks), {count: ious[count - 1] for count in CLICK_COUNTS}, iou_box)


def _prompt_every_way(
    predictor: Any, state: Any, first_id: int, truth_hw: BoolMasks, clicks: tuple[Click, ...]
) -> None:
    """Add one object to the state for each of `PROMPTS`, with ids in their order."""
    for obj_id, count in ((first_id, 1), (first_id + 1, 3)):
        for click in clicks[:count]:
            _click(predictor, state, obj_id, click)
    _draw_box(predictor, state, first_id + 2, truth_hw)
    predictor.add_new_mask(state, 0, first_id + 3, torch.from_numpy(truth_hw.copy()))


def _carry(
    predictor: Any, state: Any, truths: tuple[Truth, ...]
) -> tuple[dict[tuple[int, str], list[Verdict]], BoolMasks]:
    """Track and score every target from every prompt; also return masks to show, (n, t, h, w).

    All run at once: objects of a state do not influence each other, and share the encoder's work.
    """
    verdicts: dict[tuple[int, str], list[Verdict]] = defaultdict(list)
    kept = []
    for frame_idx, obj_ids, logits in predictor.propagate_in_video(state):
        masks_nhw = _masks(logits)
        kept.append(masks_nhw[PROMPTS.index(JUDGED_ABSENCE) :: len(PROMPTS)])
        if frame_idx == 0:
            continue  # this frame has the prompt
        for obj_id, mask_hw in zip(obj_ids, masks_nhw, strict=True):
            target_idx, prompt_idx = divmod(obj_id, len(PROMPTS))
            truth_hw = truths[target_idx].masks_thw[frame_idx]
            verdicts[target_idx, PROMPTS[prompt_idx]].append(Verdict.on(mask_hw, truth_hw))
    return verdicts, np.stack(kept, axis=1)


def _result(name: str, truth: Truth, attempt: _Attempt, tracks: dict[str, Track]) -> TargetResult:
    present = int(truth.masks_thw[1:].any((1, 2)).sum())
    return TargetResult(
        clip=name,
        kind=truth.kind,
        ious=attempt.ious,
        iou_box=attempt.iou_box,
        tracks=tracks,
        absent=len(truth.masks_thw) - 1 - present,
        present=present,
        clicks=attempt.clicks,
    )


def _click(predictor: Any, state: Any, obj_id: int, click: Click) -> BoolMasks:
    """Add one click to those the object has on frame 0, as a client of sam2 does."""
    point = np.array([[click.x, click.y]], np.float32)
    label = np.array([click.label], np.int32)
    _, obj_ids, logits = predictor.add_new_points_or_box(
        state, 0, obj_id, points=point, labels=label, clear_old_points=False
    )
    return _mask_of(obj_id, obj_ids, logits)


def _draw_box(predictor: Any, state: Any, obj_id: int, truth_hw: BoolMasks) -> BoolMasks:
    box = np.array(box_of(truth_hw), np.float32)
    _, obj_ids, logits = predictor.add_new_points_or_box(state, 0, obj_id, box=box)
    return _mask_of(obj_id, obj_ids, logits)


def _mask_of(obj_id: int, obj_ids: list[int], logits_n1hw: torch.Tensor) -> BoolMasks:
    return np.asarray(_masks(logits_n1hw)[obj_ids.index(obj_id)], np.bool_)


def _masks(logits_n1hw: torch.Tensor) -> BoolMasks:
    return np.asarray((logits_n1hw[:, 0] > 0).cpu().numpy(), np.bool_)


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Silence sam2's progress bars; log lines are not affected."""
    with redirect_stderr(io.StringIO()):
        yield
