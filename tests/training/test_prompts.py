"""The simulated annotator clicks where a real one would."""

from __future__ import annotations

import torch

from training.prompts import BOX_CORNERS, Points, box_around, click_inside, correcting_click

SIDE, SCALE = 32, 2.0


def test_first_click_lies_inside_the_object() -> None:
    torch.manual_seed(0)
    truth = _masks(64)
    points = click_inside(truth)
    assert points.coords.shape == (64, 1, 2)
    assert (points.labels == 1).all()
    assert _under(points.coords[:, 0], truth, scale=1).all()


def test_most_clicks_fall_in_the_middle() -> None:
    torch.manual_seed(0)
    truth = _masks(200)
    first = _share_in_the_middle(click_inside(truth), scale=1)
    corrections = correcting_click(torch.zeros_like(truth), truth, SCALE)
    assert 0.65 < _share_in_the_middle(corrections, SCALE) < first < 1


def test_an_object_that_is_not_there_gets_a_click_all_the_same() -> None:
    nothing = torch.zeros(8, SIDE, SIDE, dtype=torch.bool)
    assert torch.isfinite(click_inside(nothing).coords).all()


def test_correction_is_negative_on_what_is_too_much() -> None:
    torch.manual_seed(0)
    truth = _masks(200)
    everything = torch.ones_like(truth)
    points = correcting_click(everything, truth, SCALE)
    negative = points.labels[:, 0] == 0
    assert torch.equal(negative, ~_under(points.coords[:, 0], truth))
    assert 0.8 < negative.float().mean() < 1  # now and then the object is clicked all the same


def test_correction_is_positive_on_what_is_missing() -> None:
    truth = _masks(16)
    points = correcting_click(torch.zeros_like(truth), truth, SCALE)
    assert (points.labels == 1).all()
    assert _under(points.coords[:, 0], truth).all()


def test_right_mask_is_clicked_inside_again() -> None:
    truth = _masks(16)
    points = correcting_click(truth.clone(), truth, SCALE)
    assert _under(points.coords[:, 0], truth).all()


def test_box_is_near_the_object_and_in_the_frame() -> None:
    torch.manual_seed(0)
    points = box_around(_masks(200), SCALE)
    assert points.labels[0].tolist() == list(BOX_CORNERS)
    assert points.coords.min() >= 0
    assert points.coords.max() <= SIDE * SCALE
    middle = points.coords.mean(0)
    assert torch.allclose(middle, torch.tensor([[12.0, 8.0], [36.0, 24.0]]), atol=1.0)


def test_box_of_nothing_stays_finite() -> None:
    points = box_around(torch.zeros(2, SIDE, SIDE, dtype=torch.bool), SCALE)
    assert torch.isfinite(points.coords).all()


def _masks(count: int) -> torch.Tensor:
    masks = torch.zeros(count, SIDE, SIDE, dtype=torch.bool)
    masks[:, 4:12, 6:18] = True
    return masks


def _share_in_the_middle(points: Points, scale: float) -> float:
    in_line = (points.coords[:, 0, 1] / scale).long() == 7  # of the 8 rows 4 to 11
    return float(in_line.float().mean())


def _under(coords: torch.Tensor, masks: torch.Tensor, scale: float = SCALE) -> torch.Tensor:
    cells = (coords / scale).long()
    return masks[torch.arange(len(masks)), cells[:, 1], cells[:, 0]]
