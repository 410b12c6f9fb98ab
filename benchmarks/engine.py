"""Compares our engine with the plain use of sam2: ``python -m benchmarks.engine``.

Plain is a naive server's way: one ``init_state`` per (instance, region), all frames preloaded, one
propagation per state. Both run in this process, on the same weights, frames and prompts, in turns:
short work again and again in alternating order (the medians count), long work frame by frame.
Figures are CPU seconds of the process (wall seconds in brackets; on a GPU the wall counts) and
their ratio, ours / plain. Rows of the service run the real services. In fp32 no mask may differ in
any pixel. A model whose checkpoint is not here gets random weights: speed does not depend on them.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from benchmarks import clicks, serving, tracking
from benchmarks.bench import Bench, Plan, Row
from benchmarks.extracting import extraction
from benchmarks.figures import Report, heading
from benchmarks.resident import resident_memory
from benchmarks.scenes import ROOT
from sam2_session.models.registry import Registry

LEAST_FRAMES = 3
ROWS = (
    Row("time_to_first_mask", "time to first mask", clicks.time_to_first_mask),
    Row("open_another_pair", "opening another instance or region", clicks.open_another_pair),
    Row("click_encoded_frame", "click on any pair, encoded frame", clicks.click_encoded_frame),
    Row("second_click", "second click on a frame", clicks.second_click),
    Row("click_new_frame", "first click on a new frame", clicks.click_new_frame),
    Row(
        "click_new_frame_default",
        "the same, default precision vs fp32",
        clicks.click_new_frame_default,
    ),
    Row("click_prefetched", "the same prefetched / second click", clicks.click_prefetched),
    Row("propagation", "propagation, same precision", tracking.propagation),
    Row("propagation_default", "propagation, default vs fp32", tracking.propagation_default),
    Row("two_at_once", "a step by two threads / by one, wall", tracking.two_at_once),
    Row("frames_per_second", "frames per second", tracking.frames_per_second),
    Row("masks_that_differ", "masks that differ", tracking.masks_that_differ),
    Row("unchanged_pairs", "steps for unchanged pairs", serving.unchanged_pairs),
    Row("pipeline", "wall / device time of a run", serving.pipeline),
    Row("run_wall", "a run with its masks on disk, wall", serving.run_wall),
    Row(
        "click_during_propagation",
        "click in a run, over idle, in steps",
        serving.click_during_propagation,
    ),
    Row(
        "click_beside_previews",
        "click beside previews, over alone, in decodes",
        serving.click_beside_previews,
    ),
    Row("mask_reply", "mask after the decoder, ms", serving.mask_reply),
    Row("mask_reply_bytes", "its bytes", serving.mask_reply_bytes),
    Row(
        "time_to_first_mask_unextracted",
        "first mask, unextracted, long / short",
        serving.time_to_first_mask_unextracted,
        is_long=True,
    ),
    Row("state_growth", "state at frame 2000 / 100", tracking.state_growth, is_long=True),
    Row("resident_memory", "resident memory", resident_memory, is_long=True),
    Row("extraction", "extraction / ffmpeg", extraction, is_long=True),
)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure the rows, print the table and write the figures."""
    args = _arguments(argv)
    spec = Registry.load(ROOT / "configs").get(args.model)
    plan = Plan(spec, args.pairs, args.frames, args.size, args.precision, args.device)
    rows = [row for row in ROWS if row.key in args.only or (not args.only and _fits(row, args))]
    with tempfile.TemporaryDirectory() as folder, _running(plan, Path(folder)) as bench:
        report = Report(_facts(bench))
        print(", ".join(f"{name} {value}" for name, value in report.facts.items()))
        print(heading())
        for row in rows:
            bench.begin_row()
            report.add(row.take(bench, row))
    if args.json:
        args.json.write_text(json.dumps(report.to_json(), indent=1) + "\n")
    if args.markdown:
        args.markdown.write_text(report.to_markdown())


@contextmanager
def _running(plan: Plan, folder: Path) -> Iterator[Bench]:
    bench = Bench(plan, folder)
    try:
        yield bench
    finally:
        bench.close()


def _facts(bench: Bench) -> dict[str, Any]:
    plan, network = bench.plan, bench.network
    return {
        "model": plan.spec.name,
        "weights": network.weights,
        "precision": f"default ({network.precision})" * (plan.precision == "default")
        or plan.precision,
        "pairs": plan.pairs,
        "frames": plan.frames,
        "size": bench.size_text,
        "device": _device_name(network.device),
        "torch": torch.__version__,
        "sam2": version("sam2"),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "load": round(os.getloadavg()[0], 1),
    }


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{len(os.sched_getaffinity(0))} CPUs ({platform.machine()})"


def _fits(row: Row, args: argparse.Namespace) -> bool:
    return not (row.is_long and args.quick)


def _size(text: str) -> tuple[int, int]:
    width, height = map(int, text.split("x"))
    return height, width


def _keys(text: str) -> list[str]:
    keys = text.split(",")
    if unknown := set(keys) - {row.key for row in ROWS}:
        raise argparse.ArgumentTypeError(f"no such row: {', '.join(sorted(unknown))}")
    return keys


def _frames(text: str) -> int:
    if (frames := int(text)) < LEAST_FRAMES:
        raise argparse.ArgumentTypeError(f"at least {LEAST_FRAMES}")
    return frames


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Our engine against the plain use of sam2.")
    parser.add_argument("--model", default="sam2.1_hiera_demo")
    parser.add_argument("--device", default="auto")
    parser.add_argument(
        "--precision",
        default="fp32",
        choices=["fp32", "bf16", "default"],
        help="of both sides; default: ours as the program chooses, plain in fp32",
    )
    parser.add_argument("--frames", type=_frames, default=100)
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--size", type=_size, default="1920x1080", help="of the video, WxH")
    parser.add_argument("--only", type=_keys, default=[], help="rows to take: KEY,KEY")
    parser.add_argument("--quick", action="store_true", help="leave the long rows out")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--markdown", type=Path, help="where to write the table")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
