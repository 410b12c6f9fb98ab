"""The losses of the SAM 2 paper (arXiv:2408.00714, appendix on training).

Focal and dice loss on the masks, L1 on the predicted IoU, cross-entropy on presence, weighted
20 : 1 : 1 : 1. Of several masks only the one with the smallest mask loss is trained; the IoU
of every one is. A frame without the object has no mask loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

FOCAL_WEIGHT, FOCAL_ALPHA = 20.0, 0.25
LOGIT_LIMIT = 32.0
BALANCED_STEPS = 500  # plain focal and dice from scratch collapse to "everything is empty"
BALANCED_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class Decoded:
    """Output of one run of the mask decoder: N targets with M masks each."""

    low_masks: torch.Tensor  # (N, M, side / 4, side / 4) logits
    ious: torch.Tensor  # (N, M) as predicted
    presence: torch.Tensor  # (N, 1) logits


@dataclass(frozen=True, slots=True)
class Judged:
    """Losses and IoU of a decoding."""

    loss: torch.Tensor
    masks: torch.Tensor  # (N, R, R) booleans: the masks sam2 would return
    mean_iou: float | None  # of the visible targets; None if none is visible


def judge(decoded: Decoded, truth: torch.Tensor, *, step: int) -> Judged:
    """Compare a decoding with the truth, (N, R, R) of 0 and 1, at its resolution."""
    side = truth.shape[-1]
    logits = decoded.low_masks.clamp(-LOGIT_LIMIT, LOGIT_LIMIT)
    logits = F.interpolate(logits, size=(side, side), mode="bilinear", align_corners=False)
    flat, wanted = logits.flatten(2), truth.flatten(1)[:, None]
    mask_loss = _mask_loss(flat, wanted.expand_as(flat), step)
    with torch.no_grad():
        true_iou = _iou(flat > 0, wanted > 0.5)
    iou_loss = (decoded.ious - true_iou).abs().mean(-1)
    here = torch.arange(len(truth), device=truth.device)
    best = mask_loss.argmin(-1)
    present = (wanted.amax((1, 2)) > 0).float()
    loss = ((mask_loss[here, best] + iou_loss) * present).mean()
    loss = loss + F.binary_cross_entropy_with_logits(decoded.presence[:, 0], present)
    answered = decoded.ious.argmax(-1)
    there = float(present.sum())
    mean = float((true_iou[here, answered] * present).sum()) / there if there else None
    return Judged(loss, logits[here, answered] > 0, mean)


def _mask_loss(logits: torch.Tensor, truth: torch.Tensor, step: int) -> torch.Tensor:
    crossentropy = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    chance = logits.sigmoid()
    focal = FOCAL_WEIGHT * _focal(crossentropy, chance, truth)
    early = 1 - min(1.0, step / BALANCED_STEPS)
    if early > 0:
        focal = (1 - early) * focal + early * BALANCED_WEIGHT * _balanced(crossentropy, truth)
    overlap = 2 * (chance * truth).sum(-1) + 1
    return focal + 1 - overlap / (chance.sum(-1) + truth.sum(-1) + 1)


def _focal(crossentropy: torch.Tensor, chance: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    miss = chance + truth - 2 * chance * truth  # 1 - the chance given to the right answer
    weight = FOCAL_ALPHA * truth + (1 - FOCAL_ALPHA) * (1 - truth)
    return (weight * crossentropy * miss**2).mean(-1)


def _balanced(crossentropy: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    inside = (crossentropy * truth).sum(-1) / truth.sum(-1).clamp(min=1)
    outside = (crossentropy * (1 - truth)).sum(-1) / (1 - truth).sum(-1).clamp(min=1)
    return (inside + outside) / 2


def _iou(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    union = (first | second).sum(-1).clamp(min=1)
    return (first & second).sum(-1) / union
