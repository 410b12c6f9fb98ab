"""Runs one training episode: prompt the first frame, correct, track the rest, sum the losses.

The simulated annotator follows the SAM 2 paper (arXiv:2408.00714), section 5 and the appendix on
training: the first frame gets a click, a box or the mask, then corrections; a later frame sometimes
gets one too. Memories are written and read by `SAM2Base` itself, as at inference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from training.batches import LOSS_SHRINK, Batch
from training.losses import LOGIT_LIMIT, Decoded, Judged, judge
from training.network import set_image_size
from training.prompts import Points, box_around, click_inside, correcting_click

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LOUDEST_STEPS = 4  # a longer episode weighs at most as much as this many decodings
FIRST_CLICK_WEIGHT = 2.0  # it is the hardest decoding, one of up to five of an episode


@dataclass(frozen=True, slots=True)
class EpisodePlan:
    """Prompts and corrections of an episode."""

    first_prompt: str  # "click", "box" or "mask"
    corrections: int  # on the first frame
    corrected_frame: int | None  # a later frame that gets one corrective click


@dataclass(slots=True)
class Episode:
    """Result of an episode: its loss, and the IoU of each kind of decoding."""

    losses: list[torch.Tensor] = field(default_factory=list)
    ious: dict[str, list[float]] = field(default_factory=dict)

    @property
    def loss(self) -> torch.Tensor:
        """Mean loss of the decodings; longer episodes weigh more, up to a limit."""
        return torch.stack(self.losses).mean() * min(len(self.losses), LOUDEST_STEPS)

    def add(self, kind: str, judged: Judged) -> None:
        """Add a decoding."""
        self.losses.append(judged.loss * (FIRST_CLICK_WEIGHT if kind == "first_click" else 1.0))
        if judged.mean_iou is not None:
            self.ious.setdefault(kind, []).append(judged.mean_iou)


def draw_plan(rng: np.random.Generator, frames: int, most_corrections: int) -> EpisodePlan:
    """Choose a random annotator: single images get clicks or boxes, clips also masks."""
    shares = (
        {"click": 0.85, "box": 0.15} if frames == 1 else {"click": 0.5, "box": 0.15, "mask": 0.35}
    )
    first = str(rng.choice(list(shares), p=list(shares.values())))
    corrections = 0 if first == "mask" else int(rng.integers(0, most_corrections + 1))
    later = int(rng.integers(1, frames)) if frames > 1 and rng.random() < 0.35 else None
    return EpisodePlan(first, corrections, later)


def play(network: Any, batch: Batch, plan: EpisodePlan, *, step: int) -> Episode:
    """Run a batch through the network; `step` decides how early in training the loss is."""
    return _Player(network, batch, plan, step).play()


class _Player:
    def __init__(self, network: Any, batch: Batch, plan: EpisodePlan, step: int) -> None:
        self._network, self._batch, self._plan, self._step = network, batch, plan, step
        self._device = next(network.parameters()).device
        clips, self._frames = batch.frames_vthwc.shape[:2]
        set_image_size(network, batch.frames_vthwc.shape[2])
        features = network.forward_image(self._images())
        _, self._feats, positions, self._sizes = network._prepare_backbone_features(features)
        self._positions = positions[-1]
        first = torch.arange(clips, device=self._device) * self._frames
        self._first = first.repeat_interleave(batch.targets_per_clip)
        self._truth = torch.from_numpy(batch.truth_nthw).to(self._device)
        self._outputs: dict[str, dict[int, Any]] = {
            "cond_frame_outputs": {},
            "non_cond_frame_outputs": {},
        }
        self._episode = Episode()

    def play(self) -> Episode:
        for frame in range(self._frames):
            self._play_frame(frame)
        return self._episode

    def _images(self) -> torch.Tensor:
        frames = torch.from_numpy(self._batch.frames_vthwc).to(self._device).flatten(0, 1)
        mean, std = (torch.tensor(values, device=self._device) for values in (MEAN, STD))
        return ((frames.float() / 255 - mean) / std).permute(0, 3, 1, 2).contiguous()

    def _play_frame(self, frame: int) -> None:
        plan, truth = self._plan, self._truth[:, frame]
        prompted = frame == 0
        points = self._first_points(truth) if prompted else None
        mask = self._first_mask() if prompted and plan.first_prompt == "mask" else None
        feats = [level[:, self._first + frame] for level in self._feats]
        positions = [self._positions[:, self._first + frame]]
        output, heads, high_res, fused = self._network._track_step(
            frame, prompted, feats, positions, self._sizes,
            None if points is None else points.inputs(), mask,
            self._outputs, self._frames, False, None,
        )  # fmt: skip
        if mask is None:
            kind = f"first_{plan.first_prompt}" if prompted else "tracked"
            judged = self._judge(kind, heads, truth)
            corrections = plan.corrections if prompted else int(frame == plan.corrected_frame)
            for _ in range(corrections):
                click = correcting_click(judged.masks, truth, LOSS_SHRINK)
                points = click if points is None else points.joined(click)
                heads = self._refine(heads, points, fused, high_res)
                kind = f"click_{len(points)}" if prompted else "corrected"
                judged = self._judge(kind, heads, truth)
        if self._frames > 1:
            self._remember(frame, feats, output, heads)

    def _first_points(self, truth: torch.Tensor) -> Points | None:
        if self._plan.first_prompt == "mask":
            return None
        if self._plan.first_prompt == "click":
            return click_inside(self._first_truth())
        return box_around(truth, LOSS_SHRINK)

    def _first_mask(self) -> torch.Tensor:
        return self._first_truth()[:, None].float()

    def _first_truth(self) -> torch.Tensor:
        return torch.from_numpy(self._batch.first_nhw).to(self._device)

    def _judge(self, kind: str, heads: Any, truth: torch.Tensor) -> Judged:
        judged = judge(Decoded(heads[0], heads[2], heads[6]), truth.float(), step=self._step)
        self._episode.add(kind, judged)
        return judged

    def _refine(self, heads: Any, points: Points, fused: torch.Tensor, high_res: Any) -> Any:
        return self._network._forward_sam_heads(
            backbone_features=fused,
            point_inputs=points.inputs(),
            mask_inputs=heads[3].detach().clamp(-LOGIT_LIMIT, LOGIT_LIMIT),
            high_res_features=high_res,
            multimask_output=len(points) <= self._network.multimask_max_pt_num,
        )

    def _remember(self, frame: int, feats: Any, output: dict[str, Any], heads: Any) -> None:
        output.update(pred_masks=heads[3], pred_masks_high_res=heads[4], obj_ptr=heads[5])
        self._network._encode_memory_in_output(
            feats, self._sizes, None, True, heads[4], heads[6], output
        )
        prompted = frame in (0, self._plan.corrected_frame)
        kind = "cond_frame_outputs" if prompted else "non_cond_frame_outputs"
        self._outputs[kind][frame] = output
