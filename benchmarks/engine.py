"""Our engine against the plain use of sam2: ``python -m benchmarks.engine``.

Plain is a naive server's way: one ``init_state`` per (instance, region), all frames preloaded, one
propagation per state. Both run in this process, row by row one after the other, on the same
weights, frames and prompts. Figures are CPU seconds of the process (wall seconds in brackets) and
their ratio, ours / plain. Plain computes in float32; with ``--precision fp32`` so do we, and then
no mask may differ in any pixel. A model whose checkpoint is not here gets random weights: speed
does not depend on them.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sam2.sam2_video_predictor
import sam2.utils.misc
import torch

from benchmarks.costs import resident_mib, timed
from benchmarks.scenes import ROOT, Scene, draw_frames
from benchmarks.tools import Digests, Ours, Plain, Tool, ending
from sam2_session.inference.loading import load_network
from sam2_session.inference.network import Network
from sam2_session.inference.scheduler import Priority
from sam2_session.models.registry import ModelSpec, Registry


@dataclass(slots=True)
class Comparison:
    """Runs the same work on both, prints a row each time and keeps its ratio."""

    ours: Ours
    plain: Plain
    ratios: dict[str, float] = field(default_factory=dict)

    def row(self, key: str, name: str, work: Callable[[Tool], Any]) -> tuple[Any, Any]:
        """Do it with both; print both costs and their ratio; answer both results."""
        our_cost, our_result = timed(lambda: work(self.ours))
        plain_cost, plain_result = timed(lambda: work(self.plain))
        self.figure(key, name, our_cost.cpu_s, plain_cost.cpu_s, f"{our_cost}", f"{plain_cost}")
        return our_result, plain_result

    def figure(self, key: str, name: str, ours: float, plain: float, *shown: str) -> None:
        """Print one row and keep its ratio."""
        left, right = shown or (f"{ours:.1f}", f"{plain:.1f}")
        self.ratios[key] = round(ours / max(plain, 1e-9), 4)
        print(f"{name:34}{left:>18}{right:>18}{self.ratios[key]:9.3f}", flush=True)


def main() -> None:
    """Draw the scene, run both, print the table, write the figures."""
    args = _arguments()
    spec = Registry.load(ROOT / "configs").get(args.model)
    _silence_progress_bars()
    with tempfile.TemporaryDirectory() as folder:
        scene = draw_frames(Path(folder) / "frames", args.frames, args.size)
        network, plain_network = (
            _load(spec, args.device, precision) for precision in (args.precision, "fp32")
        )
        plain_network.model.load_state_dict(network.model.state_dict())  # random ones, too
        print(
            f"{spec.name}, {args.precision} against plain fp32 on {network.device}, "
            f"{args.frames} frames of {scene.size_hw[1]}x{scene.size_hw[0]}"
        )
        ours, plain = Ours(network, scene, Path(folder)), Plain(plain_network, scene)
        run = Comparison(ours, plain)
        with ending(ours):
            _warm_up(run, scene)
            figures = _compare(run, scene, args.pairs)
    if args.json:
        facts = {"model": spec.name, "precision": args.precision, "device": str(network.device)}
        facts |= {"pairs": args.pairs, "frames": args.frames}
        args.json.write_text(json.dumps({**facts, **figures}, indent=1) + "\n")


def _compare(run: Comparison, scene: Scene, pairs: int) -> dict[str, Any]:
    (x, y), there = scene.targets[0], scene.targets[1]
    middle = scene.num_frames // 2
    print(f"{'CPU s (wall s)':34}{'ours':>18}{'plain':>18}{'ratio':>9}")
    start_mib = resident_mib()
    run.row("time_to_first_mask", "open, first mask", lambda tool: tool.click(0, 0, x, y))
    run.row("second_click", "second click", lambda tool: tool.click(0, 0, x + 3, y + 2))
    run.row("open_another_pair", "open another pair", lambda tool: tool.open_pair(1))
    run.row("click_encoded_frame", "its click", lambda tool: tool.click(1, 0, *there))
    run.row("click_new_frame", "click on a new frame", lambda tool: tool.click(0, middle, x, y))
    run.row("back", "back to the first frame", lambda tool: tool.click(0, 0, x + 5, y + 4))
    for pair in range(2, pairs):
        for tool in (run.ours, run.plain):
            tool.click(pair, 0, *scene.targets[pair % len(scene.targets)])
    ours, plain = run.row(
        "propagation", f"propagate {pairs} pairs", lambda tool: tool.propagate(pairs)
    )
    kept_mib = run.plain.nbytes / 2**20
    held_mib = (run.ours.nbytes + run.ours.engine.features.nbytes) / 2**20
    run.figure("state_memory", "MiB held by states and caches", held_mib, kept_mib)
    growth = run.ours.sizes[-1] / run.ours.sizes[len(run.ours.sizes) // 2]
    different = _different(ours, plain)
    print(f"state bytes at the last frame / at the middle of the pass: {growth:.3f}")
    print(f"masks that differ: {different} of {pairs * scene.num_frames}")
    print(f"resident MiB of this process, both sides: {resident_mib() - start_mib:.0f}")
    return {**run.ratios, "state_growth": growth, "masks_that_differ": different}


def _warm_up(run: Comparison, scene: Scene) -> None:
    """The first encoding pays for allocations that no later one pays."""
    last = scene.num_frames - 1
    run.ours.engine.submit(Priority.CLICK, lambda: run.ours.engine.look_at("scene", last)).result()
    with run.plain.network.context():
        image = run.plain.network.prepare(scene.frame(last))
        run.plain.network.encode(image)


def _load(spec: ModelSpec, device: str, precision: str) -> Network:
    torch.manual_seed(0)
    checkpoint = ROOT / "checkpoints" / spec.checkpoint
    return load_network(
        spec.config,
        checkpoint if checkpoint.exists() else None,
        own_config=spec.own_config,
        name=spec.name,
        device=device,
        precision=precision,
    )


def _different(ours: Digests, plain: Digests) -> int:
    return sum(
        one != other
        for pair, digests in ours.items()
        for one, other in zip(digests, plain[pair], strict=True)
    )


def _silence_progress_bars() -> None:
    def plain_iterator(iterable: Any, **_: Any) -> Any:
        return iterable

    sam2.sam2_video_predictor.tqdm = plain_iterator
    sam2.utils.misc.tqdm = plain_iterator


def _size(text: str) -> tuple[int, int]:
    width, height = map(int, text.split("x"))
    return height, width


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Our engine against the plain use of sam2.")
    parser.add_argument("--model", default="sam2.1_hiera_demo")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--size", type=_size, default="1920x1080", help="of the video, WxH")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
