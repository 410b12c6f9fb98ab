"""Attention to memories, without work that is the same for every pair of a frame or every frame.

The results are sam2's own, bit for bit. What is left out: its first layer attends to the frame
alone before it reads a memory, so that is done once a frame; the rotations of all memories, which
sam2 repeats and copies in each layer of each step, are kept, and keys are rotated in place. For
the demo model that is 6 MB of copies less a layer and pair, for Meta's 90 MB.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

KEPT_REPEATS = 16  # rotations are kept for so many memories; more are repeated anew


def share_work(model: Any) -> None:
    """Let the memory attention and the memory encoder of a network share work."""
    rotations = Rotations()
    for layer in model.memory_attention.layers:
        for attention in (layer.self_attn, layer.cross_attn_image):
            attention.forward = partial(_attend, attention, rotations)
    model.memory_attention.forward = SharedAttention(model.memory_attention)
    project = model.memory_encoder.pix_feat_proj
    project.forward = once_an_input(project.forward)


def once_an_input(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Return the last result again as long as the first argument is the same memory.

    That argument is kept, so that no other tensor can take its place; it must not be changed.
    """
    last: tuple[torch.Tensor, Any] | None = None

    def compute_once(tensor: torch.Tensor, *others: Any) -> Any:
        nonlocal last
        known = last
        if known is None or not _is_same(known[0], tensor):
            known = last = (tensor, compute(tensor, *others))
        return known[1]

    return compute_once


def _is_same(tensor: torch.Tensor, other: torch.Tensor) -> bool:
    return (
        tensor.data_ptr() == other.data_ptr()
        and tensor.shape == other.shape
        and tensor.stride() == other.stride()
        and tensor.dtype == other.dtype
    )


class Rotations:
    """Rotations of the tokens of a frame, repeated for several memories; shared by all layers."""

    def __init__(self) -> None:
        self._kept: dict[Any, torch.Tensor] = {}  # (1, 1, repeats * tokens, c / 2)

    def of(self, attention: Any, tokens: int, repeats: int) -> torch.Tensor:
        """Return the rotations of `repeats` memories, complex (1, 1, repeats * tokens, c / 2)."""
        key = (tokens, *attention.compute_cis.keywords.items())
        kept = self._kept.get(key)
        if kept is None or kept.shape[2] < repeats * tokens:
            kept = _rotations(attention, tokens).repeat(repeats, 1)[None, None]
            if repeats <= KEPT_REPEATS:
                self._kept[key] = kept
        return kept[:, :, : repeats * tokens]


def _rotations(attention: Any, tokens: int) -> torch.Tensor:
    """Return the rotations of a square of tokens, which sam2 has for its usual size only."""
    if len(attention.freqs_cis) != tokens:
        side = math.sqrt(tokens)
        attention.freqs_cis = attention.compute_cis(end_x=side, end_y=side)
    device = attention.q_proj.weight.device
    attention.freqs_cis = attention.freqs_cis.to(device)
    found: torch.Tensor = attention.freqs_cis
    return found


def _attend(
    attention: Any,
    rotations: Rotations,
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    num_k_exclude_rope: int = 0,
) -> torch.Tensor:
    """Compute `RoPEAttention.forward`: (b, tokens, c); the last keys are not rotated."""
    q, k, v = (
        attention._separate_heads(project(tokens), attention.num_heads)
        for project, tokens in (
            (attention.q_proj, q),
            (attention.k_proj, k),
            (attention.v_proj, v),
        )
    )
    tokens, rotated = q.shape[-2], k.shape[-2] - num_k_exclude_rope
    _rotate(q, rotations.of(attention, tokens, 1))
    if rotated:
        _rotate(k[:, :, :rotated], rotations.of(attention, tokens, rotated // tokens))
    found = F.scaled_dot_product_attention(q, k, v)
    out: torch.Tensor = attention.out_proj(attention._recombine_heads(found))
    return out


def _rotate(heads: torch.Tensor, rotation: torch.Tensor) -> None:
    """Rotate pairs of channels in place, computing in float32 as sam2 does."""
    floats = heads.float()  # the same memory, if they are
    torch.view_as_complex(floats.view(*floats.shape[:-1], -1, 2)).mul_(rotation)
    if floats is not heads:
        heads.copy_(floats)


class SharedAttention:
    """Computes `MemoryAttention.forward`, up to the first look at a memory once a frame."""

    def __init__(self, attention: Any) -> None:
        self._attention = attention
        self._begin_once = once_an_input(self._begin)

    def __call__(
        self,
        curr: list[torch.Tensor],
        memory: torch.Tensor,
        curr_pos: list[torch.Tensor],
        memory_pos: torch.Tensor,
        num_obj_ptr_tokens: int = 0,
    ) -> torch.Tensor:
        """Return the frame's features with memories, (tokens, b, c) as the inputs are."""
        attention = self._attention
        (frame,), (position,) = curr, curr_pos
        output = self._begin_once(frame, position)
        position, memory, memory_pos = map(self._batch_first, (position, memory, memory_pos))
        placed = memory + memory_pos  # once for all layers
        for number, layer in enumerate(attention.layers):
            if number:
                output = layer._forward_sa(output, position)
            found = layer.norm2(output)
            output = output + layer.cross_attn_image(
                q=found + position if layer.pos_enc_at_cross_attn_queries else found,
                k=placed if layer.pos_enc_at_cross_attn_keys else memory,
                v=memory,
                num_k_exclude_rope=num_obj_ptr_tokens,
            )
            ahead = layer.activation(layer.linear1(layer.norm3(output)))
            output = output + layer.linear2(ahead)
        return self._batch_first(attention.norm(output))

    def _begin(self, frame: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        output = frame + 0.1 * position if self._attention.pos_enc_at_input else frame
        begun: torch.Tensor = self._attention.layers[0]._forward_sa(
            self._batch_first(output), self._batch_first(position)
        )
        return begun

    def _batch_first(self, tokens: torch.Tensor) -> torch.Tensor:
        """Put the batch first if the layers want it there; there and back is the same."""
        return tokens.transpose(0, 1) if self._attention.batch_first else tokens
