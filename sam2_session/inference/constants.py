"""Constants that sam2 computes again for each frame, pair or click, computed once instead.

The values are the same bits. A network's weights must not change once it was used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch

from sam2_session.runtime import ThreadLocal


def keep_constants(model: Any) -> None:
    """Keep the position codes of frames, memories and the decoder, and the code of no prompt."""
    trunk, prompts = model.image_encoder.trunk, model.sam_prompt_encoder
    trunk._get_pos_embed = cache(trunk._get_pos_embed)
    prompts.get_dense_pe = cache(prompts.get_dense_pe)
    for positions in (
        model.image_encoder.neck.position_encoding,
        model.memory_encoder.position_encoding,
    ):
        positions.forward = _once_a_shape(positions.forward)
    _keep_code_of_no_prompt(model)


def _once_a_shape(encode: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """Cache an encoding that depends on the shape alone; sam2 copies 64 MB of it per frame."""
    kept: dict[tuple[torch.Size, torch.dtype], torch.Tensor] = {}

    def encode_once(features: torch.Tensor) -> torch.Tensor:
        key = (features.shape, features.dtype)
        if key not in kept:
            kept[key] = encode(features).to(features.dtype)  # sam2 asks for this type next
        return kept[key]

    return encode_once


class _Noted(ThreadLocal):
    """Facts about the step that this thread does."""

    has_prompts = True


def _keep_code_of_no_prompt(model: Any) -> None:
    """Keep the prompt encoder's output for tracked frames, which have no prompts."""
    decode, encode = model._forward_sam_heads, model.sam_prompt_encoder.forward
    kept: dict[int, Any] = {}  # by number of objects
    noted = _Noted()

    def decode_noting(*args: Any, **inputs: Any) -> Any:
        prompts = (inputs.get("point_inputs"), inputs.get("mask_inputs"))
        noted.has_prompts = any(prompt is not None for prompt in prompts)
        return decode(*args, **inputs)

    def encode_once(points: Any, boxes: Any, masks: Any) -> Any:
        if noted.has_prompts:
            return encode(points, boxes, masks)
        objects = len(points[0])
        if objects not in kept:
            kept[objects] = encode(points, boxes, masks)
        return kept[objects]

    model._forward_sam_heads = decode_noting
    model.sam_prompt_encoder.forward = encode_once
