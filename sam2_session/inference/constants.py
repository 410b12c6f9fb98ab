"""Constants that sam2 computes again for each frame or click, computed once instead.

The values are the same bits. A network's weights must not change once it was used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch


def keep_constants(model: Any) -> None:
    """Keep the position codes of the image encoder and of the mask decoder."""
    trunk, prompts = model.image_encoder.trunk, model.sam_prompt_encoder
    trunk._get_pos_embed = cache(trunk._get_pos_embed)
    prompts.get_dense_pe = cache(prompts.get_dense_pe)
    positions = model.image_encoder.neck.position_encoding
    positions.forward = _once_a_shape(positions.forward)


def _once_a_shape(encode: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """Cache an encoding that depends on the shape alone; sam2 copies 64 MB of it per frame."""
    kept: dict[tuple[torch.Size, torch.dtype], torch.Tensor] = {}

    def encode_once(features: torch.Tensor) -> torch.Tensor:
        key = (features.shape, features.dtype)
        if key not in kept:
            kept[key] = encode(features).to(features.dtype)  # sam2 asks for this type next
        return kept[key]

    return encode_once
