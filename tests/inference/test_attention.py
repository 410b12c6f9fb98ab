"""Attention by matrix products: torch's, as exact as bfloat16 allows."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from sam2_session.inference.attention import ProductAttention, attend, gains_from_products
from tests.inference.conftest import load_demo

SHAPES = [((1, 1, 1100, 64), 1800), ((4, 2, 49, 32), 196), ((1, 8, 8, 8), 16)]


@pytest.mark.parametrize(("shape", "keys"), SHAPES)
def test_products_are_as_near_to_float32_as_bfloat16_is(
    shape: tuple[int, int, int, int], keys: int
) -> None:
    torch.manual_seed(0)
    query, (key, value) = torch.randn(shape), torch.randn(2, *shape[:2], keys, shape[3])
    exact = F.scaled_dot_product_attention(query, key, value)

    found = attend(query.bfloat16(), key.bfloat16(), value.bfloat16())

    assert found.shape == exact.shape
    assert (found.float() - exact).norm() / exact.norm() < 0.012


def test_other_attention_is_left_to_torch() -> None:
    query = torch.randn(1, 2, 8, 16)
    halves = query.bfloat16()
    plain = F.scaled_dot_product_attention(query, query, query)
    causal = F.scaled_dot_product_attention(halves, halves, halves, is_causal=True)

    with ProductAttention():
        assert torch.equal(F.scaled_dot_product_attention(query, query, query), plain)
        seen = F.scaled_dot_product_attention(halves, halves, halves, is_causal=True)
    assert torch.equal(seen, causal)


def test_a_frame_is_encoded_as_by_torch_but_for_the_last_bits(frames_dir: Path) -> None:
    network = load_demo(precision="bf16")
    pixels = network.prepare(frames_dir / "00001.jpg")
    with network.context():
        by_torch = network.encode(pixels).vision_feats[-1].float()
        with ProductAttention():
            found = network.encode(pixels).vision_feats[-1].float()

    difference = float((found - by_torch).norm() / by_torch.norm())
    assert 0 < difference < 0.02


def test_float32_gpus_and_small_networks_keep_torchs_own() -> None:
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert not gains_from_products(cpu, "fp32", 1024)
    assert not gains_from_products(gpu, "bf16", 1024)
    assert not gains_from_products(cpu, "bf16", 256)
