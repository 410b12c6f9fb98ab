"""Measures a step by its number of conditioning frames: ``python -m benchmarks.attention_cost``.

One object, one frame whose features are there, six tracked memories and fifteen pointers, as in the
middle of a pass; memories and weights are random, which changes nothing about the cost.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

import torch

from benchmarks.costs import timed
from benchmarks.scenes import ROOT
from sam2_session.inference.loading import load_network
from sam2_session.inference.network import FrameFeatures, Network
from sam2_session.models.registry import Registry

COUNTS = (1, 2, 3, 4, 6, 8, 12)
FRAME_IDX = 100


def main() -> None:
    """Load a network with random weights and print a row per count."""
    args = _arguments()
    spec = Registry.load(ROOT / "configs").get(args.model)
    network = load_network(
        spec.own_config or spec.config,
        None,
        image_size=spec.image_size,
        name=spec.name,
        device=args.device,
        precision=args.precision,
    )
    with network.context():
        size = (3, network.image_size, network.image_size)
        features = network.encode(torch.randint(0, 256, size, dtype=torch.uint8))
        outputs = [_output(network, features) for _ in range(max(COUNTS) + 15)]
        _step(network, features, outputs, 1)
        print(f"{spec.name}, {network.precision} on {network.device}: CPU s (wall s) of a step")
        costs: dict[int, list[str]] = {count: [] for count in COUNTS}
        for _ in range(args.repeats):
            for count in COUNTS:
                cost, _ = timed(partial(_step, network, features, outputs, count))
                costs[count].append(str(cost))
    for count, shown in costs.items():
        print(f"| {count} | {' | '.join(shown)} |")


def _output(network: Network, features: FrameFeatures) -> dict[str, Any]:
    height, width = features.feat_sizes[-1]
    device = network.device
    position = torch.zeros(1, network.model.mem_dim, height, width, device=device)
    return {
        "maskmem_features": torch.randn_like(position),
        "maskmem_pos_enc": [position],
        "obj_ptr": torch.randn(1, network.pointer_channels, device=device),
    }


def _step(
    network: Network, features: FrameFeatures, outputs: list[dict[str, Any]], count: int
) -> None:
    output = network.track_step(
        features,
        frame_idx=FRAME_IDX,
        output_dict={
            "cond_frame_outputs": {10 + idx: outputs[idx] for idx in range(count)},
            "non_cond_frame_outputs": {
                FRAME_IDX - 1 - idx: output for idx, output in enumerate(outputs[-15:])
            },
        },
        num_frames=200,
        is_init_cond_frame=False,
        point_inputs=None,
        mask_inputs=None,
        track_in_reverse=False,
        run_mem_encoder=True,
    )
    network.read_prediction(output)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The cost of conditioning frames.")
    parser.add_argument("--model", default="sam2.1_hiera_tiny")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--repeats", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
