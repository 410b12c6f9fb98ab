"""Attention in bfloat16 on a CPU, two to three times as fast as torch's own.

torch's fused kernel for CPUs uses the processor's bfloat16 instructions only where there is AMX;
with AVX-512 alone it takes as long as float32. Plain matrix products do use them. The figures are
in docs/performance.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

QUERY_ROWS = 512  # scores of so many queries at a time stay near the cache
LEAST_IMAGE_SIZE = 512  # at 256 pixels the check of every torch call costs more than it wins


class ProductAttention(TorchFunctionMode):
    """Computes bfloat16 attention in this thread as two matrix products, while entered."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Compute plain bfloat16 attention; leave everything else to torch."""
        if func is F.scaled_dot_product_attention and _is_plain(args, kwargs or {}):
            return attend(*args)
        return func(*args, **(kwargs or {}))


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Compute softmax(q kᵀ / √c) v.

    Shapes: (n, heads, queries, c), (n, heads, keys, c), (n, heads, keys, v).
    """
    chunks = (query * query.shape[-1] ** -0.5).split(QUERY_ROWS, dim=-2)
    key_t = key.transpose(-1, -2)
    if len(chunks) > 1:
        key_t = key_t.contiguous()  # once, not for every chunk
    return torch.cat([torch.softmax(chunk @ key_t, dim=-1) @ value for chunk in chunks], dim=-2)


def gains_from_products(device: torch.device, precision: str, image_size: int) -> bool:
    """Return whether `ProductAttention` is faster for a network of this input size."""
    if device.type != "cpu" or precision != "bf16" or image_size < LEAST_IMAGE_SIZE:
        return False
    return torch.cpu._is_avx512_bf16_supported() and not torch.cpu._is_amx_tile_supported()


def _is_plain(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    bf16 = len(args) == 3 and all(tensor.dtype == torch.bfloat16 for tensor in args)
    return bf16 and set(kwargs) <= {"dropout_p"} and not kwargs.get("dropout_p")
