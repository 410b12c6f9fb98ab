"""Simulates annotators for training: first clicks, corrections of errors, jittered boxes.

As in the SAM 2 paper (arXiv:2408.00714), appendix on training: the first prompt is a click, a box
or the mask; corrections are sampled from the error between prediction and truth, now and then from
the truth. Most clicks fall in the middle, where people aim (`annotator.py`). Masks are (N, R, R)
booleans; coordinates are (x, y) pixels of the network's input, `scale` times larger.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from training.annotator import next_click

POSITIVE, BOX_CORNERS = 1, (2, 3)
FIRST_AIMED_SHARE = 0.9  # of first clicks go to the middle, the others anywhere on the object
AIMED_SHARE = 0.75  # of corrections go to the middle, the others anywhere in the error
CONFIRMING_SHARE = 0.1  # of corrections click on the object although it is right
BOX_JITTER = 0.06  # of the box's sides, one standard deviation


@dataclass(frozen=True, slots=True)
class Points:
    """Prompts of N targets: (N, P, 2) coordinates and (N, P) labels."""

    coords: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return self.labels.shape[1]

    def joined(self, other: Points) -> Points:
        """Append the points of `other`."""
        coords = torch.cat([self.coords, other.coords], 1)
        return Points(coords, torch.cat([self.labels, other.labels], 1))

    def inputs(self) -> dict[str, torch.Tensor]:
        """Convert to sam2's point_inputs."""
        return {"point_coords": self.coords, "point_labels": self.labels}


def click_inside(truth: torch.Tensor) -> Points:
    """Click once, positively, on each mask of the input's size, in its middle or anywhere on it.

    The middle is found at full size: whether a part or the whole is meant is a matter of pixels.
    """
    cells = _aimed(_sample_cells(truth), torch.zeros_like(truth), truth, FIRST_AIMED_SHARE)
    labels = torch.ones(len(truth), 1, dtype=torch.int32, device=truth.device)
    return Points(_coords(cells, 1.0)[:, None], labels)


def correcting_click(prediction: torch.Tensor, truth: torch.Tensor, scale: float) -> Points:
    """Click once on the error, in the middle of its worst spot or anywhere in it.

    Without an error, and in a tenth of the cases (as sam2 trains), click on the object.
    """
    right = ~(prediction ^ truth).flatten(1).any(1)
    confirming = right | (torch.rand(len(truth), device=truth.device) < CONFIRMING_SHARE)
    prediction = prediction & ~confirming[:, None, None]
    cells = _aimed(_sample_cells(prediction ^ truth), prediction, truth, AIMED_SHARE)
    here = torch.arange(len(truth), device=truth.device)
    labels = truth[here, cells[:, 1], cells[:, 0]].int()
    return Points(_coords(cells, scale)[:, None], labels[:, None])


def box_around(truth: torch.Tensor, scale: float) -> Points:
    """Box around each mask, jittered as if drawn by hand."""
    count, side = len(truth), truth.shape[-1]
    places = torch.arange(side, device=truth.device, dtype=torch.float32)
    corners = []
    for line in (truth.any(1), truth.any(2)):  # columns give x, rows give y
        first = torch.where(line, places, torch.inf).amin(1).clamp(max=side)
        last = torch.where(line, places + 1, -torch.inf).amax(1).clamp(min=0)
        corners.append((first, last))
    (x0, x1), (y0, y1) = corners
    sides = torch.stack([x1 - x0, y1 - y0, x1 - x0, y1 - y0], 1)
    noise = torch.randn(count, 4, device=truth.device) * BOX_JITTER * sides
    box = (torch.stack([x0, y0, x1, y1], 1) + noise).clamp(0, side) * scale
    labels = torch.tensor([BOX_CORNERS], dtype=torch.int32, device=truth.device)
    return Points(box.view(count, 2, 2), labels.expand(count, 2))


def _sample_cells(region: torch.Tensor) -> torch.Tensor:
    """Choose a uniform (x, y) cell of each region; anywhere if a region is empty."""
    drawn = torch.rand(region.shape, device=region.device) * (region.float() + 1e-6)
    flat = drawn.flatten(1).argmax(1)
    side = region.shape[-1]
    return torch.stack([flat % side, flat // side], -1)


def _aimed(
    cells: torch.Tensor, prediction: torch.Tensor, truth: torch.Tensor, share: float
) -> torch.Tensor:
    """Replace a share of the cells by those a careful annotator would click."""
    aimed = cells.clone()
    for row in torch.nonzero(torch.rand(len(cells)) < share).flatten().tolist():
        click = next_click(prediction[row].cpu().numpy(), truth[row].cpu().numpy())
        if click is not None:
            aimed[row] = torch.tensor([click.x, click.y], device=cells.device)
    return aimed


def _coords(cells: torch.Tensor, scale: float) -> torch.Tensor:
    return (cells.float() + torch.rand(cells.shape, device=cells.device)) * scale
