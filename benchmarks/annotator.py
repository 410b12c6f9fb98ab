"""Measures an annotator's effort: ``python -m benchmarks.annotator --small``.

A simulated annotator works drawn clips (look-alikes, occlusion, absence, parts) to the end by the
program's own operations: a click on each object where it first appears, a run, then visits to
single frames. On a visited frame each wrong mask gets clicks into its largest error, and a run
follows. The frames to visit are named by the program's list of suspicious masks (`list`), by a
stride that is halved each time through (`stride`), or by the truth, the worst frame (`oracle`).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.annotator_clips import KINDS, Clip, draw_clip
from benchmarks.annotator_report import report
from benchmarks.annotator_work import WAYS, Effort, work
from benchmarks.corrections import configs_with_input
from benchmarks.scenes import ROOT
from sam2_session import Studio
from training.video import write_video

SMALL = {"clips": 1, "frames": 90, "input": 192, "most": 20}


def main() -> None:
    """Work every clip in every way, print the tables, and fail if a bar is missed."""
    args = _arguments()
    efforts: list[Effort] = []
    for seed in range(args.seed, args.seed + args.clips):
        for kind in args.kinds:
            clip = draw_clip(kind, seed, args.frames)
            for way in args.ways:
                efforts.append(_effort(clip, seed, way, args))
                sys.stderr.write(f"{efforts[-1]}\n")
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in efforts]) + "\n")
    text, missed = report(efforts)
    sys.stdout.write(text)
    sys.exit(1 if missed else 0)


def _effort(clip: Clip, seed: int, way: str, args: argparse.Namespace) -> Effort:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_video(folder / "clip.mp4", clip.frames_thwc, clip.fps, crf=12)
        options: dict[str, Any] = {"checkpoints_dir": ROOT / "checkpoints", "device": args.device}
        if args.input:
            options["configs_dir"] = configs_with_input(folder, args.model, args.input)
        with Studio(folder, model=args.model, **options) as studio:
            video = studio.video(folder / "clip.mp4")
            effort = work(studio, video, clip, way, most=args.most)
    effort.seed = seed
    return effort


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The effort until masks are good enough.")
    parser.add_argument("--model", default="sam2.1_hiera_demo")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    parser.add_argument("--clips", type=int, default=6, help="of each kind")
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--input", type=int, help="of the network, instead of the model's own")
    parser.add_argument(
        "--most", type=int, default=40, help="visits to a clip, then it is given up"
    )
    parser.add_argument("--seed", type=int, default=2_000, help="of the first clip")
    parser.add_argument("--small", action="store_true", help=f"quick: {SMALL}")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    args = parser.parse_args()
    if args.small:
        vars(args).update(SMALL)
    return args


if __name__ == "__main__":
    main()
