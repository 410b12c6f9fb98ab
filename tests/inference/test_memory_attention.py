"""Shared attention to memories gives sam2's own bits, and begins once a frame."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import torch

from sam2_session.inference.memory_attention import KEPT_REPEATS, once_an_input, share_work
from tests.inference.conftest import load_plain

SIDE, CHANNELS, MEMORY_CHANNELS = 12, 128, 64
TOKENS = SIDE * SIDE


@pytest.fixture(scope="module")
def published() -> Any:
    return load_plain()


@pytest.fixture(scope="module")
def shared(published: Any) -> Any:
    model = deepcopy(published)
    share_work(model)
    return model


def inputs_of(memories: int, pointers: int) -> dict[str, Any]:
    """A frame, its position code and so many memories with pointers behind them."""
    draw = torch.Generator().manual_seed(memories)
    rows = memories * TOKENS + pointers
    frame, position = torch.randn(2, TOKENS, 1, CHANNELS, generator=draw)
    memory, memory_pos = torch.randn(2, rows, 1, MEMORY_CHANNELS, generator=draw)
    return {
        "curr": [frame],
        "curr_pos": [position],
        "memory": memory,
        "memory_pos": memory_pos,
        "num_obj_ptr_tokens": pointers,
    }


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_any_number_of_memories_gives_the_same_bits(
    published: Any, shared: Any, precision: str
) -> None:
    autocast = torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16")
    with torch.inference_mode(), autocast:
        for memories, pointers in [(7, 32), (1, 0), (2, 4), (7, 30), (KEPT_REPEATS + 1, 2), (0, 2)]:
            inputs = inputs_of(memories, pointers)

            found = shared.memory_attention(**inputs)

            assert torch.equal(found, published.memory_attention(**inputs)), (memories, pointers)


def test_pairs_of_a_frame_share_its_beginning(published: Any, shared: Any) -> None:
    begun: list[Any] = []
    hook = shared.memory_attention.layers[0].self_attn.q_proj.register_forward_hook(
        lambda *_: begun.append(1)
    )
    first, second = inputs_of(3, 0), inputs_of(4, 0)
    second |= {"curr": first["curr"], "curr_pos": first["curr_pos"]}
    with torch.inference_mode():
        shared.memory_attention(**first)
        found = shared.memory_attention(**second)
        hook.remove()

        assert len(begun) == 1
        assert torch.equal(found, published.memory_attention(**second))


def test_what_was_computed_counts_for_the_same_memory_only() -> None:
    calls: list[float] = []

    def total(tensor: torch.Tensor) -> float:
        calls.append(float(tensor.sum()))
        return calls[-1]

    once = once_an_input(total)
    rows = torch.arange(6.0).reshape(2, 3)

    assert [once(rows[0]), once(rows[0]), once(rows[1]), once(rows.T[0])] == [3, 3, 12, 3]
    assert calls == [3, 12, 3]
