"""The network to train is sam2's own, at any size."""

from __future__ import annotations

from pathlib import Path

import torch

from training.network import DEMO_CONFIG, build_network, set_image_size, set_start_values
from training.schedule import FULL
from training.snapshot import export_checkpoint


def test_start_values_change_no_shape_and_stay_finite() -> None:
    plain, started = build_network(DEMO_CONFIG), build_network(DEMO_CONFIG)
    set_start_values(started)
    assert [(name, value.shape) for name, value in plain.state_dict().items()] == [
        (name, value.shape) for name, value in started.state_dict().items()
    ]
    assert all(torch.isfinite(value).all() for value in started.state_dict().values())


def test_size_can_go_down_and_up_again() -> None:
    network = build_network(DEMO_CONFIG)
    windows = [block.window_size for block in network.image_encoder.trunk.blocks]
    for side in (128, FULL):
        set_image_size(network, side)
        top = network.forward_image(torch.zeros(1, 3, side, side))["backbone_fpn"][-1]
        assert top.shape[-1] == side // 16
    assert [block.window_size for block in network.image_encoder.trunk.blocks] == windows


def test_exported_checkpoint_loads_as_meta_s_do(tmp_path: Path) -> None:
    network = build_network(DEMO_CONFIG)
    path = tmp_path / "checkpoint.pt"
    export_checkpoint(network.state_dict(), path)
    kept = torch.load(path, map_location="cpu", weights_only=True)
    assert set(kept) == {"model"}
    assert set(kept["model"]) == set(network.state_dict())
    assert path.stat().st_size < 20 * 2**20
