"""The command ``rebuild VIDEO``: masks again from the saved prompts, beside the saved ones."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import Any

from sam2_session.cli.options import Opener, add_json, add_quiet, add_where, read_pair, write
from sam2_session.cli.progress import ProgressReport
from sam2_session.client.jobs import Job
from sam2_session.client.rebuilds import Rebuild, RebuiltFrame, RebuiltPair
from sam2_session.core.errors import NothingToDo

WORST = 5  # frames of a pair that are listed without --frames


def add_rebuild(commands: Any) -> None:
    """Add the command ``rebuild``."""
    parser = commands.add_parser(
        "rebuild", help="make all masks again from the saved prompts, and compare them"
    )
    parser.add_argument("video", help="a video, a ZIP or folder of pictures, or a video_id")
    pairs_help = "the pairs, like 1/shaft [all that have prompts]"
    parser.add_argument("pairs", nargs="*", metavar="PAIR", help=pairs_help)
    model_help = "the model to make them with [the one in use]"
    parser.add_argument("--model", dest="with_model", metavar="MODEL", help=model_help)
    parser.add_argument("--start", type=int, help="the first frame_idx [the first with a mask]")
    parser.add_argument("--end", type=int, help="the last frame_idx [the last with a mask]")
    parser.add_argument("--frames", action="store_true", help="list every frame, not the worst")
    take_help = "replace the saved masks, but none that a person made or approved"
    parser.add_argument("--take", action="store_true", help=take_help)
    add_json(parser)
    add_quiet(parser)
    add_where(parser)
    parser.set_defaults(run=rebuild)


def rebuild(args: argparse.Namespace, opener: Opener) -> int:
    """Rebuild, print how the masks overlap, and take them over with ``--take``."""
    names = [read_pair(text) for text in args.pairs]
    with closing(opener()) as workspace, closing(ProgressReport(quiet=args.quiet)) as report:
        video = workspace.video(args.video, report)
        pairs = [video.instance(name["instance_id"])[name["region"]] for name in names]
        job = video.rebuild(pairs or "all", args.with_model, start=args.start, end=args.end)
        job.wait(report.job("rebuilding"))
        made = video.rebuilt(job.job_id)
        taken: Job | None = None
        if args.take:
            with suppress(NothingToDo):  # all of them are the same, or checked
                taken = made.take().wait(report.job("replacing"))
    document = {**made.facts, "taken": taken.facts["made"] if taken else 0}
    text = "".join(_lines(pair, every=args.frames) for pair in made.pairs)
    write(args, document, text + _taken_line(made, taken, wanted=args.take))
    return 0


def _lines(pair: RebuiltPair, *, every: bool) -> str:
    """Write a pair's figures, and under it its frames or the worst of them."""
    name = f"{pair.instance_id}/{pair.region}"
    head = f"{name}: {pair.compared} of {len(pair.frames)} masks compared"
    if pair.mean_iou is not None:
        head += f", IoU {pair.mean_iou:.3f}, at worst {pair.min_iou:.3f}"
    shown = pair.frames if every else _worst(pair.frames)
    return f"{head}\n" + "".join(map(_frame_line, shown))


def _worst(frames: Sequence[RebuiltFrame]) -> list[RebuiltFrame]:
    differing = [frame for frame in frames if frame.iou is not None and frame.iou < 1]
    return sorted(differing, key=lambda frame: frame.iou or 0)[:WORST]


def _frame_line(frame: RebuiltFrame) -> str:
    iou = "no mask is saved" if frame.iou is None else f"IoU {frame.iou:.3f}"
    saved = "" if frame.saved_area is None else f", {frame.saved_area} before"
    checked = ", checked by a person" if frame.checked else ""
    return f"  frame {frame.frame_idx:6}  {iou}, {frame.area} pixels{saved}{checked}\n"


def _taken_line(made: Rebuild, taken: Job | None, *, wanted: bool) -> str:
    if taken is not None:
        return f"{taken.facts['made']} frames have the masks of {made.model} now\n"
    if wanted:
        return "No mask is replaced: all are the same, or a person made or approved them\n"
    return "Nothing is replaced; --take does\n"
