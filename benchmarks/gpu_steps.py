"""Measures tracking on a device: ``python -m benchmarks.gpu_steps``; `gpu_check.sh` runs it.

For each model and number of pairs: frames per second of the engine and of sam2's own predictor on
the same frames, once its memory is full, milliseconds and device memory for each further pair, and
where a step's time goes. The weights are random unless a checkpoint is here: speed does not depend
on them. Rows that would not fit into the time are left out, and named.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.scenes import ROOT, Scene, draw_frames
from benchmarks.sides import Ours, Plain, Side, load
from sam2_session.inference.batched_tracking import should_batch
from sam2_session.inference.network import Network
from sam2_session.inference.scheduler import Priority
from sam2_session.models.registry import Registry

STEADY_FROM = 7  # from here on a step attends to all 6 memories and the prompted frame
PROFILED_FRAMES = 4
LEAST_FRAMES = STEADY_FROM + PROFILED_FRAMES
TOP = 12  # operations of a profile
COMPILED_S = 150.0  # compiling takes about so long


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement; memory in MiB beyond the network's own, None on a CPU."""

    model: str
    side: str
    pairs: int
    fps: float
    step_ms: float
    memory_mib: float | None


def main() -> None:
    """Measure, print the tables, and write them."""
    args = _arguments()
    ends_at = time.monotonic() + args.seconds
    rows: list[Row] = []
    left_out: list[str] = []
    profiles: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        scene = draw_frames(Path(folder) / "frames", args.frames, args.size)
        for model in args.models:
            network = load(Registry.load(ROOT / "configs").get(model), args.device, "bf16")
            for side, pairs in _plan(args):
                name = f"{model}, {side}, {pairs} pairs"
                needed_s = COMPILED_S if side == "compiled" else 0.0
                if time.monotonic() + needed_s > ends_at:
                    left_out.append(f"{name}: no time left")
                    continue
                try:
                    rows.append(_measure(network, scene, Path(folder), (side, pairs)))
                    print(_line(rows[-1]), flush=True)
                except (RuntimeError, ImportError) as error:  # e.g. no compiler here
                    left_out.append(f"{name}: {str(error).splitlines()[0][:120]}")
            if time.monotonic() < ends_at:
                profiles[model] = _profile(network, scene, Path(folder))
    report = {"rows": [asdict(row) for row in rows], "profiles": profiles, "left_out": left_out}
    args.json.write_text(json.dumps(report, indent=1) + "\n")
    args.markdown.write_text(_markdown(rows, profiles, left_out))


def _plan(args: argparse.Namespace) -> Iterator[tuple[str, int]]:
    for pairs in args.pairs:
        yield "ours", pairs
    yield "plain", args.pairs[0]
    if len(args.pairs) > 1:
        yield "plain", args.pairs[1]
    if args.device.startswith("cuda"):
        yield "compiled", args.pairs[0]


def _measure(network: Network, scene: Scene, folder: Path, what: tuple[str, int]) -> Row:
    name, pairs = what
    before = _reset_memory(network.device)
    side = _side(name, network, scene, folder / f"{network.name}-{name}-{pairs}")
    try:
        side.begin_again(pairs)
        fps = _fps(side, pairs, network.device)
    finally:
        side.close()
    memory_mib = None if before is None else torch.cuda.max_memory_allocated() / 2**20 - before
    return Row(network.name, name, pairs, fps, 1000 / fps, memory_mib)


def _side(name: str, network: Network, scene: Scene, folder: Path) -> Side:
    if name == "ours":
        ours = Ours(network, scene, folder)
        ours.engine.batch_objects = should_batch("auto", network)
        return ours
    plain = Plain(network, scene)
    if name == "compiled":  # the same modules as sam2's vos_optimized
        for part in ("memory_encoder", "memory_attention", "sam_prompt_encoder"):
            module = getattr(plain.predictor, part)
            module.forward = torch.compile(module.forward, mode="max-autotune", dynamic=True)
        encoder = plain.predictor.image_encoder
        encoder.forward = torch.compile(encoder.forward, mode="max-autotune", fullgraph=True)
        list(_frames(plain, 1))  # compiles
        plain.begin_again(1)
    return plain


def _frames(side: Side, pairs: int) -> Iterator[list[str]]:
    side.begin_again(pairs)
    return side.propagate(pairs)


def _fps(side: Side, pairs: int, device: torch.device) -> float:
    begun, counted = 0.0, 0
    for number, _ in enumerate(side.propagate(pairs)):
        if number == STEADY_FROM:
            _synchronize(device)
            begun = time.perf_counter()
        counted = number - STEADY_FROM
    _synchronize(device)
    return counted / (time.perf_counter() - begun)


def _profile(network: Network, scene: Scene, folder: Path) -> list[dict[str, Any]]:
    """List the operations that take the most of a step of one pair."""
    ours = Ours(network, scene, folder / f"{network.name}-profile")
    keys = [ours.key(0)]

    def steps(frames: range) -> None:
        for frame_idx in frames:
            ours.engine.step(keys, frame_idx, reverse=False, run=1)

    def profiled() -> Any:
        """Profile in the device thread: a profiler sees no other."""
        ours.engine.session(keys[0]).condition()
        steps(range(STEADY_FROM))
        with profile(activities=activities) as profiler:
            steps(range(STEADY_FROM, STEADY_FROM + PROFILED_FRAMES))
            _synchronize(network.device)
        return profiler.key_averages()

    activities, by = [ProfilerActivity.CPU], "self_cpu_time_total"
    if network.device.type == "cuda":
        activities.append(ProfilerActivity.CUDA)
        by = "self_device_time_total"
    try:
        ours.begin_again(1)
        averages = ours.engine.submit(Priority.STEP, profiled).result()
    finally:
        ours.close()
    found = sorted(averages, key=lambda event: -getattr(event, by))
    total = sum(getattr(event, by) for event in found) or 1.0
    return [
        {"name": event.key, "share": getattr(event, by) / total, "calls": event.count}
        for event in found[:TOP]
    ]


def _reset_memory(device: torch.device) -> float | None:
    if device.type != "cuda":
        return None
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    return torch.cuda.memory_allocated() / 2**20


def _synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _line(row: Row) -> str:
    memory = "" if row.memory_mib is None else f"{row.memory_mib:.0f}"
    return (
        f"| {row.model} | {row.side} | {row.pairs} | {row.fps:.2f} | {row.step_ms:.1f} "
        f"| {row.step_ms / row.pairs:.1f} | {memory} |"
    )


def _markdown(
    rows: list[Row], profiles: dict[str, list[dict[str, Any]]], left_out: list[str]
) -> str:
    lines = [
        "| model | side | pairs | frames/s | ms a frame | ms a pair | MiB beyond the network |",
        "|---|---|---|---|---|---|---|",
        *map(_line, rows),
    ]
    for model, operations in profiles.items():
        lines += [
            "",
            f"Where a step of {model} goes, one pair:",
            "",
            "| operation | share | calls |",
        ]
        lines += ["|---|---|---|"]
        lines += [f"| `{op['name']}` | {op['share']:.1%} | {op['calls']} |" for op in operations]
    lines += ["", *(f"Left out: {name}." for name in left_out)]
    return "\n".join(lines) + "\n"


def _size(text: str) -> tuple[int, int]:
    width, height = map(int, text.split("x"))
    return height, width


def _listed(convert: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    return lambda text: [convert(part) for part in text.split(",")]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Tracking on a device, beside sam2's own.")
    parser.add_argument("--models", type=_listed(str), default=["sam2.1_hiera_demo"])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--pairs", type=_listed(int), default=[1, 4, 8])
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--size", type=_size, default="1920x1080", help="of the video, WxH")
    parser.add_argument("--seconds", type=float, default=300, help="to measure in")
    parser.add_argument("--json", type=Path, required=True, help="where to write the figures")
    parser.add_argument("--markdown", type=Path, required=True, help="where to write the tables")
    args = parser.parse_args()
    if args.frames < LEAST_FRAMES:
        parser.error(f"--frames: a profile needs at least {LEAST_FRAMES}")
    return args


if __name__ == "__main__":
    main()
