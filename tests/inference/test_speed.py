"""The speed of the device, by which that of other models is estimated."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from sam2_session.inference.loading import load_network
from sam2_session.inference.speed import measure_gflops

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "configs/sam2.1/sam2.1_hiera_demo.yaml"


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_speed_is_a_rate_and_leaves_the_network_as_it_was(precision: str) -> None:
    network = load_network(DEMO, None, name="demo", device="cpu", precision=precision)
    before = [tensor.clone() for tensor in network.model.state_dict().values()]
    speed = measure_gflops(network)

    assert math.isfinite(speed)
    assert speed > 0
    after = network.model.state_dict().values()
    assert all(torch.equal(old, new) for old, new in zip(before, after, strict=True))
    assert not torch.is_inference_mode_enabled()
