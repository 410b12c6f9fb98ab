"""Measures what a correction costs, and gives: ``python -m benchmarks.corrections``.

Somebody annotates a drawn clip twice over, with the program's own operations: in one folder a
stretch run follows each correction, in the other a full run. For each correction: the share of the
full run's frames that was tracked, the CPU seconds of both, and the IoU of the corrected pair's
masks in one folder with those in the other, over all frames, and of both with the truth.
`--undo-only` leaves the second folder out, and measures the undo of each correction alone. A model
whose checkpoint is not here has random weights: its cost is that of the model, its masks are noise.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.model_folders import model_folders
from sam2_session import Studio
from sam2_session.client.pairs import Pair
from sam2_session.client.videos import Video
from sam2_session.core.types import BoolMask
from sam2_session.errors import MaskNotFound, NothingToDo
from training.clips import ClipSpec, click_in, make_clip
from training.video import write_video

PAIRS = ((0, "shaft"), (0, "gripper"), (1, "shaft"), (1, "gripper"))  # tool, region
CLICKS = 2  # of a correction, each into the largest error
SMALL = 200  # pixels of a mask; two or three of them are 1 % and more
MOST_UNDO_MS = 100
MOST_TRACKED = 0.20  # of the frames, at the median
LEAST_MEAN, LEAST_IOU, LEAST_SHARE = 0.98, 0.95, 0.99  # of all frames, and of most of them


@dataclass(slots=True)
class Correction:
    """One correction, and what both ways made of it; `ious` and `areas` are by frame.

    `areas` are of the masks of the full run, in pixels, and `truth` is the mean IoU with the truth
    after stretches and in full.
    """

    seed: int
    frame_idx: int
    pair: str
    tracked: int
    reach: int
    stretch_s: float
    full_s: float = 0.0
    undo_ms: float = 0.0  # wall clock
    ious: dict[int, float] = field(default_factory=dict)
    areas: dict[int, int] = field(default_factory=dict)
    truth: tuple[float, float] = (0.0, 0.0)

    @property
    def low(self) -> str:
        """Count the frames that differ most, and say where they are, from the corrected one."""
        low = [idx - self.frame_idx for idx, iou in self.ious.items() if iou < LEAST_IOU]
        return f"{len(low)} frames, {low[0]:+d} to {low[-1]:+d}" if low else ""


@dataclass(slots=True)
class Side:
    """One of the two folders."""

    studio: Studio
    video: Video
    pairs: list[Pair]

    def run(self, mode: str) -> tuple[int, int, float]:
        """Run; returns the frames tracked, those of a full run, and CPU seconds."""
        begun = time.process_time()
        try:
            facts = self.video.propagate(mode=mode).wait().facts
        except NothingToDo:
            return 0, 0, 0.0
        return facts["tracked"], facts["reach"] or facts["total"], time.process_time() - begun


def main() -> None:
    """Correct the clips and print the table and the bars."""
    args = _arguments()
    found: list[Correction] = []
    print("| seed | frame | pair | tracked | CPU s, stretch / full | undo, ms | IoU mean "
          "| with the truth, stretch / full | below 0.95 |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for seed in range(args.seed, args.seed + args.clips):
        with tempfile.TemporaryDirectory() as folder:
            found += _annotate(Path(folder), seed, args)
    _report([row for row in found if row.reach])
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in found]) + "\n")


def _annotate(folder: Path, seed: int, args: argparse.Namespace) -> list[Correction]:
    clip = make_clip(ClipSpec(seed=seed, num_frames=args.frames, size_hw=(args.size, args.size)))
    write_video(folder / "clip.mp4", clip.frames_thwc, clip.spec.fps, crf=12)
    wanted = PAIRS[: args.pairs]
    truths = [clip.masks_thw(tool, region) for tool, region in wanted]
    rng = np.random.default_rng(seed)
    with ExitStack() as stack:
        names = ("stretch",) if args.undo_only else ("stretch", "full")
        studios = [stack.enter_context(_side(folder / name, args)) for name in names]
        sides = [_open(studio, folder, wanted) for studio in studios]
        for side in sides:
            for pair, truth_thw in zip(side.pairs, truths, strict=True):
                first = int(truth_thw.any((1, 2)).argmax())
                pair.click(*click_in(truth_thw[first]), frame=first)
            side.run("full")
        return [_correct(sides, truths, rng, seed) for _ in range(args.corrections)]


def _side(folder: Path, args: argparse.Namespace) -> Studio:
    options = model_folders(folder, args.model, args.input)
    return Studio(folder, model=args.model, device=args.device, **options)


def _open(studio: Studio, folder: Path, wanted: tuple[tuple[int, str], ...]) -> Side:
    video = studio.video(folder / "clip.mp4")
    tools = sorted({tool for tool, _ in wanted})
    instances = {tool: video.add_instance(f"tool {tool}") for tool in tools}
    return Side(studio, video, [instances[tool][region] for tool, region in wanted])


def _correct(
    sides: list[Side], truths: list[BoolMask], rng: np.random.Generator, seed: int
) -> Correction:
    """Correct one frame in both folders by the same clicks, and run."""
    number = int(rng.integers(len(truths)))
    visible = np.flatnonzero(truths[number].any((1, 2)))
    frame_idx = int(rng.choice(visible[1:]))
    pairs = [side.pairs[number] for side in sides]
    for _ in range(CLICKS):
        point = _largest_error(truths[number][frame_idx], _mask(pairs[0], frame_idx))
        if point is not None:
            for pair in pairs:
                pair.click(point[0], point[1], frame_idx, point[2])
    name = f"{pairs[0].instance_id}/{pairs[0].region}"
    found = Correction(seed, frame_idx, name, *sides[0].run("stretch"))
    begun = time.perf_counter()
    pairs[0].undo(frame_idx)
    found.undo_ms = 1000 * (time.perf_counter() - begun)
    pairs[0].redo(frame_idx)
    for side in sides[1:]:
        found.full_s = side.run("full")[2]
        _compare(found, pairs[0].masks(), pairs[1].masks(), truths[number])
    _print(found)
    return found


def _compare(
    found: Correction,
    masks: Mapping[int, BoolMask],
    others: Mapping[int, BoolMask],
    truth_thw: BoolMask,
) -> None:
    """Compare the masks after stretches with those of the full run, and both with the truth."""
    frames = sorted(masks.keys() & others.keys())
    found.ious = {idx: _iou(masks[idx], others[idx]) for idx in frames}
    found.areas = {idx: int(others[idx].sum()) for idx in frames}
    ours, full = (
        np.mean([_iou(m[idx], truth_thw[idx]) for idx in frames]) for m in (masks, others)
    )
    found.truth = float(ours), float(full)


def _mask(pair: Pair, frame_idx: int) -> BoolMask | None:
    try:
        return pair.mask(frame_idx)
    except MaskNotFound:
        return None


def _largest_error(truth_hw: BoolMask, mask_hw: BoolMask | None) -> tuple[float, float, int] | None:
    """Return a click (x, y, label) into the largest error; None if there is none."""
    mask_hw = np.zeros_like(truth_hw) if mask_hw is None else mask_hw
    missing, surplus = truth_hw & ~mask_hw, mask_hw & ~truth_hw
    wrong, label = (missing, 1) if missing.sum() >= surplus.sum() else (surplus, 0)
    return (*click_in(wrong), label) if wrong.any() else None


def _iou(one_hw: BoolMask, other_hw: BoolMask) -> float:
    union = int((one_hw | other_hw).sum())
    return int((one_hw & other_hw).sum()) / union if union else 1.0


def _print(row: Correction) -> None:
    share = f"{row.tracked} of {row.reach}"
    seconds = f"{row.stretch_s:.1f} / {row.full_s:.1f}"
    mean = f"{np.mean(list(row.ious.values())):.4f}" if row.ious else ""
    truth = f"{row.truth[0]:.3f} / {row.truth[1]:.3f}"
    place = f"{row.seed} | {row.frame_idx} | {row.pair}"
    figures = f"{seconds} | {row.undo_ms:.0f} | {mean} | {truth}"
    print(f"| {place} | {share} | {figures} | {row.low} |", flush=True)


def _report(found: list[Correction]) -> None:
    undo_ms = [row.undo_ms for row in found]
    middle = f"median {np.median(undo_ms):.0f}, longest {max(undo_ms):.0f}"
    print(f"undo, ms: {middle} (at most {MOST_UNDO_MS})")
    tracked = float(np.median([row.tracked / row.reach for row in found]))
    print(f"tracked, median: {tracked:.3f} (at most {MOST_TRACKED})")
    ious = np.array([iou for row in found for iou in row.ious.values()])
    if not ious.size:
        return
    areas = np.array([area for row in found for area in row.areas.values()])
    alike = float((ious >= LEAST_IOU).mean())
    print(f"IoU, mean: {ious.mean():.4f} (at least {LEAST_MEAN})")
    print(f"share of frames with IoU of {LEAST_IOU}: {alike:.4f} (at least {LEAST_SHARE})")
    for name, of_size in ((f"from {SMALL} px", areas >= SMALL), ("smaller", areas < SMALL)):
        if of_size.any():
            share = float((ious[of_size] >= LEAST_IOU).mean())
            print(f"  {int(of_size.sum())} masks {name}: {share:.4f}")
    ours, full = np.mean([row.truth for row in found], axis=0)
    print(f"IoU with the truth, after stretches and in full: {ours:.4f}, {full:.4f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What a correction costs and gives.")
    parser.add_argument("--model", default="sam2.1_hiera_demo")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--clips", type=int, default=2)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--size", type=int, default=256, help="of the drawn frames")
    parser.add_argument("--input", type=int, help="of the network, instead of the model's own")
    parser.add_argument("--pairs", type=int, default=4, choices=range(1, 5))
    parser.add_argument("--corrections", type=int, default=8, help="of each clip")
    parser.add_argument("--seed", type=int, default=1_600_000_000, help="of the first clip")
    parser.add_argument("--undo-only", action="store_true", help="measure no full runs")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
