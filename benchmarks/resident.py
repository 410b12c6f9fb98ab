"""Row for memory: each side opens its pairs in a process of its own, which reports its size.

Free memory that the allocator keeps is given back before either reading: what counts is what is
held. The base is the size with the model loaded and one frame encoded.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.bench import Bench, Row
from benchmarks.costs import available_mib, resident_mib
from benchmarks.figures import Figure, LeftOut, ratio
from benchmarks.scenes import ROOT, Scene, lengthened
from benchmarks.sides import Ours, Plain, Side, load
from sam2_session.models.registry import Registry

FRAMES = 400
SHARE = 0.7  # of the available memory
STATE_MIB = 150  # per inference state, without its frames
SIDES = ("ours", "plain")


def resident_memory(bench: Bench, row: Row) -> Figure | LeftOut:
    """Open all pairs with one click each, on as many of 400 frames as plain has memory for."""
    plan = bench.plan
    if bench.network.device.type != "cpu":
        return row.left_out("a GPU's memory is not the process's")
    frames = min(FRAMES, _fitting(bench.network.image_size, plan.pairs))
    if frames < 1:
        return row.left_out(f"plain has no room for {plan.pairs} pairs here")
    with tempfile.TemporaryDirectory(dir=bench.folder) as name:
        scene = lengthened(bench.scene, Path(name) / "frames", frames)
        command = [
            *(sys.executable, "-m", "benchmarks.resident", plan.spec.name, str(plan.pairs)),
            *(str(scene.folder), str(frames), *map(str, scene.size_hw)),
            *(f"{x},{y}" for x, y in scene.targets),
        ]
        ours, plain = (_ask([*command, "--side", side]) for side in SIDES)
    return row.figure(
        ratio(ours, plain),
        0.02,
        ours=f"{ours:.1f} MiB",
        plain=f"{plain:.0f} MiB",
        note=f"{plan.pairs} pairs, {frames} frames, over the model",
    )


def _fitting(image_size: int, pairs: int) -> int:
    """Return how many frames plain can hold per pair, at three float32 channels each."""
    frame_mib = 3 * 4 * image_size**2 / 2**20
    room = SHARE * available_mib() / pairs - STATE_MIB * image_size**2 / 1024**2
    return int(room / frame_mib)


def _ask(command: list[str]) -> float:
    told = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return float(told.stdout)


def main() -> None:
    """Format one side's growth in MiB."""
    args = _arguments()
    scene = Scene(args.folder, args.frames, (args.height, args.width), tuple(args.targets))
    network = load(Registry.load(ROOT / "configs").get(args.model), "cpu", "fp32")
    side: Side
    with tempfile.TemporaryDirectory() as name:
        if args.side == "ours":
            side = Ours(network, scene, Path(name))
            side.look_at(0)
            side.forget_features()
        else:
            side = Plain(network, scene)
            side.warm_up()
        before = resident_mib(trimmed=True)
        for pair in range(args.pairs):
            side.click(pair, 0, *scene.target(pair))
        print(resident_mib(trimmed=True) - before)
        side.close()


def _point(text: str) -> tuple[float, float]:
    x, y = map(float, text.split(","))
    return x, y


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="One side of the memory row.")
    parser.add_argument("model")
    parser.add_argument("pairs", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("frames", type=int)
    parser.add_argument("height", type=int)
    parser.add_argument("width", type=int)
    parser.add_argument("targets", type=_point, nargs="+")
    parser.add_argument("--side", choices=SIDES, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
