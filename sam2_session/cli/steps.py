"""The single steps of annotating, for scripts: instances, click, prompts, undo, propagate."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import asdict
from typing import Any

from sam2_session.cli.options import (
    Opener,
    add_json,
    add_quiet,
    add_where,
    read_pair,
    write,
)
from sam2_session.cli.progress import ProgressReport
from sam2_session.client.pairs import Pair
from sam2_session.client.videos import Video
from sam2_session.core.types import Direction


def add_steps(commands: Any) -> None:
    """Add the commands."""
    parser = _add(commands, "instances", "list the instances of a video, or add one", instances)
    parser.add_argument("--add", metavar="NAME", help="add an instance of this name")
    parser = _add(commands, "click", "click on a frame; its mask is made and saved", click, "PAIR")
    parser.add_argument("x", type=float, help="source pixels from the left")
    parser.add_argument("y", type=float, help="source pixels from the top")
    parser.add_argument("--frame", type=int, default=0, help="the frame_idx [0]")
    parser.add_argument(
        "--negative", action="store_true", help="what is here does not belong to it"
    )
    _add(commands, "prompts", "list the prompts of a pair", prompts, "PAIR")
    parser = _add(commands, "undo", "take the last change of a frame back", undo, "PAIR")
    parser.add_argument("--frame", type=int, default=0, help="the frame_idx [0]")
    parser = _add(commands, "propagate", "carry prompts through the video", propagate)
    pairs_help = "the pairs, like 1/shaft [all that have prompts]"
    parser.add_argument("pairs", nargs="*", metavar="PAIR", help=pairs_help)
    parser.add_argument("--start", type=int, help="the first frame_idx [0]")
    parser.add_argument("--end", type=int, help="the last frame_idx [the last frame]")
    parser.add_argument("--direction", choices=[*Direction], default="forward", help="[forward]")


def instances(args: argparse.Namespace, opener: Opener) -> int:
    """List the instances, with the new one if there is one."""
    with _opened(args, opener) as video:
        if args.add:
            video.add_instance(args.add)
        rows = video.instance_rows()
    text = "".join(f"{row['instance_id']:4} {row['name']} {row['colour']}\n" for row in rows)
    write(args, {"instances": rows}, text)
    return 0


def click(args: argparse.Namespace, opener: Opener) -> int:
    """Add a click; print the area of the mask that it led to."""
    with _opened(args, opener) as video:
        pair = _pair(video, args)
        mask = pair.click(args.x, args.y, args.frame, label=0 if args.negative else 1)
    area = int(mask.sum())
    document = {"frame_idx": args.frame, "area": area}
    write(args, document, f"frame {args.frame}: a mask of {area} pixels\n")
    return 0


def prompts(args: argparse.Namespace, opener: Opener) -> int:
    """List the prompts of every prompted frame."""
    with _opened(args, opener) as video:
        frames = _pair(video, args).prompts()
    rows = [asdict(frame) for frame in frames]
    text = "".join(
        f"frame {frame.frame_idx}: {len(frame.points)} points"
        + (", a box" if frame.box else "")
        + (", a mask by hand\n" if frame.mask else "\n")
        for frame in frames
    )
    write(args, {"prompts": rows}, text)
    return 0


def undo(args: argparse.Namespace, opener: Opener) -> int:
    """Take the last change of a frame back."""
    with _opened(args, opener) as video:
        _pair(video, args).undo(args.frame)
    write(args, {"frame_idx": args.frame}, f"frame {args.frame}: the last change is undone\n")
    return 0


def propagate(args: argparse.Namespace, opener: Opener) -> int:
    """Run and wait; Ctrl+C stops the run and keeps what it has made."""
    names = [read_pair(text) for text in args.pairs]
    with (
        closing(ProgressReport(quiet=args.quiet)) as report,
        _opened(args, opener, report) as video,
    ):
        pairs = [video.instance(name["instance_id"])[name["region"]] for name in names]
        job = video.propagate(pairs or "all", args.start, args.end, args.direction)
        job.wait(report.job("tracking"))
    write(args, job.facts, f"{job.done} frames\n")
    return 0


def _add(
    commands: Any, name: str, text: str, run: Any, pair: str | None = None
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text)
    parser.add_argument("video", help="a video, a ZIP or folder of pictures, or a video_id")
    if pair:
        parser.add_argument("pair", metavar=pair, type=str, help="like 1/shaft")
    add_json(parser)
    add_quiet(parser)
    add_where(parser)
    parser.set_defaults(run=run)
    return parser


def _opened(
    args: argparse.Namespace, opener: Opener, report: ProgressReport | None = None
) -> Video:
    """Open the video; at the end of its block everything is closed."""
    workspace = opener()
    try:
        return workspace.video(args.video, report or ProgressReport(quiet=args.quiet))
    except BaseException:
        workspace.close()
        raise


def _pair(video: Video, args: argparse.Namespace) -> Pair:
    name = read_pair(args.pair)
    return video.instance(name["instance_id"])[name["region"]]
