"""The candidate masks of a step and the IoU expected of each, which sam2 computes and drops.

sam2 takes the candidate of the highest expected IoU. Weights given to `prefer` add to that choice;
without them its result is the same, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

# logits of candidates (n, m, h, w) and their expected IoU (n, m) → what to choose by, (n, m)
Preference = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class Candidates:
    """Candidates of the step that a network did last; used in the device thread only."""

    def __init__(self, model: Any) -> None:
        self.ious = torch.zeros((1, 1))  # (n, m) as the network expects them
        self.logits = torch.zeros((1, 1, 1, 1))  # (n, m, h, w)
        self.prefer: Preference | None = None  # of the next step
        decode = model.sam_mask_decoder.forward

        def forward(*args: Any, **inputs: Any) -> Any:
            logits, ious, *rest = decode(*args, **inputs)
            self.ious, self.logits = ious, logits
            if self.prefer is not None:
                ious = self.prefer(logits, ious)
            return logits, ious, *rest

        model.sam_mask_decoder.forward = forward
