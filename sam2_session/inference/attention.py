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
LEAST_IMAGE_SIZE = (
    512  # at 256 pixels asking of each call whether it is one costs 7 ms, more than it wins
)


class ProductAttention(TorchFunctionMode):
    """While entered, attention of bfloat16 tensors in this thread is two matrix products."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Answer plain bfloat16 attention; leave everything else to torch."""
        if func is F.scaled_dot_product_attention and _is_plain(args, kwargs or {}):
            return attend(*args)
        return func(*args, **(kwargs or {}))


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """softmax(q kᵀ / √c) v of (n, heads, queries, c), (n, heads, keys, c), (n, heads, keys, v)."""
    parts = (query * query.shape[-1] ** -0.5).split(QUERY_ROWS, dim=-2)
    key_t = key.transpose(-1, -2)
    if len(parts) > 1:
        key_t = key_t.contiguous()  # once, not for every part
    return torch.cat([torch.softmax(part @ key_t, dim=-1) @ value for part in parts], dim=-2)


def gains_from_products(device: torch.device, precision: str, image_size: int) -> bool:
    """Whether `ProductAttention` is the faster one for a network of this input size."""
    if device.type != "cpu" or precision != "bf16" or image_size < LEAST_IMAGE_SIZE:
        return False
    return torch.cpu._is_avx512_bf16_supported() and not torch.cpu._is_amx_tile_supported()


def _is_plain(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    bf16 = len(args) == 3 and all(tensor.dtype == torch.bfloat16 for tensor in args)
    return bf16 and set(kwargs) <= {"dropout_p"} and not kwargs.get("dropout_p")
