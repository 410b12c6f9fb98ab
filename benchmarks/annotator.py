"""Measures an annotator's effort: ``python -m benchmarks.annotator --small``.

A simulated annotator works drawn clips (look-alikes, occlusion, absence, parts) to the end by the
program's own operations: a click on each object where it first appears, a run, then visits to
single frames. On a visited frame each wrong mask gets clicks into its largest error, and a run
follows. The frames to visit are named by the program's list of suspicious masks (`list`), by a
stride that is halved each time through (`stride`), or by the truth, the worst frame (`oracle`).
With `--rows FILE` each row is kept as it is done, and a later call goes on behind them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.annotator_clips import KINDS, Clip, draw_clip
from benchmarks.annotator_report import report, worked_whole
from benchmarks.annotator_rows import keep_row, kept_rows
from benchmarks.annotator_work import WAYS, Effort, work
from benchmarks.model_folders import model_folders
from sam2_session import Studio
from training.video import write_video

SMALL = {"clips": 1, "frames": 90, "input": 192, "most": 20}


def main() -> None:
    """Work every clip in every way, print the tables, and fail if a bar is missed."""
    args = _arguments()
    text, missed = report(worked_whole([*_efforts(args)], args.ways))
    sys.stdout.write(text)
    sys.exit(1 if missed else 0)


def _efforts(args: argparse.Namespace) -> Iterator[Effort]:
    """Yield the rows of all clips, also those kept before, until the time is up."""
    ends_at = time.monotonic() + 60 * args.minutes
    kept = {(row.seed, row.kind, row.way): row for row in kept_rows(args.rows)}
    for seed in range(args.seed, args.seed + args.clips):
        for kind in args.kinds:
            for way in args.ways:
                row = kept.get((seed, kind, way))
                if row is None:
                    if time.monotonic() > ends_at:
                        return
                    row = _effort(draw_clip(kind, seed, args.frames), seed, way, args)
                    keep_row(args.rows, row)
                sys.stderr.write(f"{row}\n")
                yield row


def _effort(clip: Clip, seed: int, way: str, args: argparse.Namespace) -> Effort:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_video(folder / "clip.mp4", clip.frames_thwc, clip.fps, crf=12)
        options = model_folders(folder, args.model, args.input)
        with Studio(folder, model=args.model, device=args.device, **options) as studio:
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
    parser.add_argument("--rows", type=Path, help="a JSON line for each row, as it is done")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="after these no row is begun"
    )
    args = parser.parse_args()
    if args.small:
        vars(args).update(SMALL)
    return args


if __name__ == "__main__":
    main()
