"""Ours against the plain use of sam2: ``python -m benchmarks.against_plain``.

Plain is a naive server's way: one ``init_state`` per (instance, region), all frames preloaded, one
propagation per state. Both run in this process, one after the other, on the same network, frames
and prompts, in the same precision. Figures are CPU seconds of the process (wall seconds in
brackets) and their ratio, ours / plain; in float32 no mask may differ in any pixel.
"""

from __future__ import annotations

import argparse
import gc
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sam2.sam2_video_predictor
import sam2.utils.misc

from benchmarks.scenes import ROOT, Scene, draw_frames
from benchmarks.tools import Digests, Ours, Plain, Tool
from sam2_session.inference.network import load_network
from sam2_session.inference.scheduler import Priority
from sam2_session.models.registry import Registry


@dataclass(frozen=True, slots=True)
class Cost:
    """What one thing took: seconds of CPU and on the wall, MiB of resident memory it left."""

    cpu_s: float
    wall_s: float
    mib: float

    def __str__(self) -> str:
        return f"{self.cpu_s:.3f} ({self.wall_s:.3f})"


@dataclass(slots=True)
class Comparison:
    """Runs the same work on both and prints a row each time."""

    ours: Tool
    plain: Tool
    kept_mib: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def row(self, name: str, work: Callable[[Tool], Any]) -> tuple[Any, Any]:
        """Do it with both; print both costs and their ratio; answer both results."""
        our_cost, our_result = timed(lambda: work(self.ours))
        plain_cost, plain_result = timed(lambda: work(self.plain))
        ratio = our_cost.cpu_s / max(plain_cost.cpu_s, 1e-9)
        print(f"{name:32}{our_cost!s:>20}{plain_cost!s:>20}{ratio:9.3f}")
        self.kept_mib[0] += our_cost.mib
        self.kept_mib[1] += plain_cost.mib
        return our_result, plain_result


def timed(work: Callable[[], Any]) -> tuple[Cost, Any]:
    """Do it once and take the time."""
    gc.collect()
    before, cpu, wall = resident_mib(), time.process_time(), time.perf_counter()
    result = work()
    cost = Cost(
        time.process_time() - cpu, time.perf_counter() - wall, max(resident_mib() - before, 0.0)
    )
    return cost, result


def resident_mib() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Draw the scene, run both, print the table."""
    args = _arguments()
    spec = Registry.load(ROOT / "configs").get(args.model)
    _silence_progress_bars()
    with tempfile.TemporaryDirectory() as folder:
        scene = draw_frames(Path(folder) / "frames", args.frames, (args.height, args.width))
        network = load_network(
            spec.config,
            ROOT / "checkpoints" / spec.checkpoint,
            own_config=spec.own_config,
            name=spec.name,
            device=args.device,
            precision=args.precision,
        )
        print(f"{spec.name}, {args.precision}, {args.frames} frames of {args.width}x{args.height}")
        ours, plain = Ours(network, scene, Path(folder)), Plain(network, scene)
        ours.engine.submit(Priority.CLICK, lambda: ours.engine.look_at("scene", 1)).result()
        _compare(Comparison(ours, plain), scene, args.pairs)
        ours.engine.close()


def _compare(run: Comparison, scene: Scene, pairs: int) -> None:
    (x, y), there = scene.targets[0], scene.targets[1]
    print(f"{'CPU s (wall s)':32}{'ours':>20}{'plain':>20}{'ratio':>9}")
    run.row("open, first click", lambda tool: tool.click(0, 0, x, y))
    run.row("second click, same frame", lambda tool: tool.click(0, 0, x + 3, y + 2))
    run.row("another pair, first click", lambda tool: tool.click(1, 0, *there))
    run.row("click on a new frame", lambda tool: tool.click(0, scene.num_frames // 2, x, y))
    run.row("back to the first frame", lambda tool: tool.click(0, 0, x + 5, y + 4))
    for pair in range(2, pairs):
        for tool in (run.ours, run.plain):
            tool.click(pair, 0, *scene.targets[pair % len(scene.targets)])
    found = run.row(f"propagate {pairs} pairs", lambda tool: tool.propagate(pairs))
    ours_mib, plain_mib = run.kept_mib
    ratio = ours_mib / max(plain_mib, 1e-9)
    print(f"{'resident MiB kept':32}{ours_mib:20.1f}{plain_mib:20.1f}{ratio:9.3f}")
    print(f"masks that differ: {_different(*found)} of {pairs * scene.num_frames}")


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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ours against the plain use of sam2.")
    parser.add_argument("--model", default="sam2.1_hiera_demo")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--width", type=int, default=1920)
    parser.add_argument("--height", type=int, default=1080)
    return parser.parse_args()


if __name__ == "__main__":
    main()
