"""Correct predictions cost little, and each loss trains only its own output."""

from __future__ import annotations

import pytest
import torch

from training.losses import Decoded, judge

LATE = 10**9  # past the kick-off of training
SIDE = 16


def test_right_mask_costs_less_than_wrong_one() -> None:
    truth = _square()
    right = judge(_decoded(truth, iou=1.0), truth, step=LATE)
    wrong = judge(_decoded(1 - truth, iou=0.0), truth, step=LATE)
    assert right.loss < 0.1 < wrong.loss
    assert right.mean_iou == pytest.approx(1.0)
    assert wrong.mean_iou == pytest.approx(0.0)


def test_only_best_of_several_masks_is_trained() -> None:
    truth = _square()
    masks = torch.cat([_logits(truth), _logits(1 - truth)], 1).requires_grad_()
    decoded = Decoded(masks, torch.tensor([[0.9, 0.1]]), torch.full((1, 1), 5.0))
    judge(decoded, truth, step=LATE).loss.backward()
    assert masks.grad is not None
    assert masks.grad[0, 0].abs().sum() > 0
    assert masks.grad[0, 1].abs().sum() == 0


def test_answered_mask_is_the_one_with_highest_predicted_iou() -> None:
    truth = _square()
    masks = torch.cat([_logits(1 - truth), _logits(truth)], 1)
    judged = judge(
        Decoded(masks, torch.tensor([[0.1, 0.9]]), torch.full((1, 1), 5.0)), truth, step=LATE
    )
    assert torch.equal(judged.masks, truth > 0.5)


def test_absent_object_trains_presence_alone() -> None:
    truth = torch.zeros(1, SIDE, SIDE)
    masks = torch.zeros(1, 1, SIDE, SIDE, requires_grad=True)
    presence = torch.zeros(1, 1, requires_grad=True)
    judged = judge(Decoded(masks, torch.zeros(1, 1), presence), truth, step=LATE)
    judged.loss.backward()
    assert judged.mean_iou is None
    assert presence.grad is not None
    assert presence.grad.item() > 0
    assert masks.grad is None or masks.grad.abs().sum() == 0


def test_early_steps_punish_everything_empty() -> None:
    truth = _square()
    empty = _decoded(torch.zeros_like(truth), iou=0.0)
    assert judge(empty, truth, step=0).loss > 2 * judge(empty, truth, step=LATE).loss


def _square() -> torch.Tensor:
    truth = torch.zeros(1, SIDE, SIDE)
    truth[:, 2:7, 2:7] = 1
    return truth


def _logits(mask: torch.Tensor) -> torch.Tensor:
    return (mask[:, None] * 2 - 1) * 12


def _decoded(mask: torch.Tensor, *, iou: float) -> Decoded:
    return Decoded(_logits(mask), torch.tensor([[iou]]), torch.full((1, 1), 8.0))
