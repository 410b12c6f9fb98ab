"""The candidate masks of a step and the IoU expected of each, which sam2 computes and drops.

sam2 takes the candidate of the highest expected IoU. Weights given to `prefer` add to that choice;
without them its result is the same, bit for bit. All of them are enlarged, as sam2 does: torch
enlarges one alone by another kernel, to other last bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from sam2_session.runtime import ThreadLocal

# logits of candidates (n, m, h, w) and their expected IoU (n, m) → what to choose by, (n, m)
Preference = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class Candidates(ThreadLocal):
    """Candidates of the step that a network did last in this thread."""

    ious: torch.Tensor  # (n, m) as the network expects them
    logits: torch.Tensor  # (n, m, h, w)
    prefer: Preference | None = None  # of the next step


def note_candidates(model: Any) -> Candidates:
    """Return where the candidates of each step will be, and what is preferred among them."""
    noted = Candidates()
    decode = model.sam_mask_decoder.forward

    def forward(*args: Any, **inputs: Any) -> Any:
        logits, ious, *rest = decode(*args, **inputs)
        noted.ious, noted.logits = ious, logits
        if noted.prefer is not None:
            ious = noted.prefer(logits, ious)
        return logits, ious, *rest

    model.sam_mask_decoder.forward = forward
    return noted
