"""The command ``run VIDEO``: prompts in, masks out, without a screen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sam2_session.cli.options import (
    Opener,
    add_json,
    add_quiet,
    add_set,
    add_where,
    format_options,
    write,
    write_remarks,
)
from sam2_session.cli.outcomes import MASKS_MISSING, PairOutcome, outcome_of
from sam2_session.cli.progress import ProgressReport
from sam2_session.cli.run_prompts import IN_ORDER, PromptedObject, add_prompts, read_objects
from sam2_session.client.facts import Export
from sam2_session.client.instances import Instance
from sam2_session.client.pairs import Pair
from sam2_session.client.videos import Video
from sam2_session.core.errors import InvalidRequest, NothingToDo, SessionError
from sam2_session.core.types import Direction
from sam2_session.formats.registry import exporter

DEFAULT_FORMAT = "masks_zip"


def add_run(commands: Any) -> None:
    """Add the command ``run``."""
    parser = commands.add_parser(
        "run",
        help="track objects through a video, from prompts to masks",
        epilog="Exit codes: 0 every frame asked for has a mask or is marked absent, 1 an error, 2 "
        "wrong arguments, 3 masks are missing, 130 stopped by Ctrl+C: what was done is kept, and "
        "the same command goes on.",
    )
    parser.add_argument("video", help="a video, a ZIP or folder of pictures, or a video_id")
    add_prompts(parser)
    source_help = "a file of annotations to take prompts from: what `import` reads"
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE", help=source_help)
    parser.add_argument("--start", type=int, help="the first frame_idx [0]")
    parser.add_argument("--end", type=int, help="the last frame_idx [the last frame]")
    parser.add_argument("--direction", choices=[*Direction], default="forward", help="[forward]")
    parser.add_argument("--model", help="the model to use, as `models` lists them")
    parser.add_argument("--export", metavar="FORMAT", help=f"what to write [{DEFAULT_FORMAT}]")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it")
    add_set(parser)
    add_json(parser)
    add_quiet(parser)
    add_where(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, connect: Opener) -> int:
    """Do the whole job; the exit code says whether every frame asked for has a mask."""
    objects = read_objects(getattr(args, IN_ORDER, ()))
    if not objects and args.source is None:
        raise InvalidRequest("There are no prompts.", hint="Give --points, --box or --from FILE.")
    if args.source is not None and not args.source.exists():
        raise InvalidRequest(f"There is no file {str(args.source)!r}.")
    if args.out is not None and not args.out.absolute().parent.is_dir():
        raise InvalidRequest(f"There is no folder {str(args.out.parent)!r}.")
    row = exporter(args.export or DEFAULT_FORMAT)
    options = format_options(args.set, row)
    with closing(connect()) as workspace, closing(ProgressReport(quiet=args.quiet)) as report:
        if args.model and args.url:
            workspace.select_model(args.model, report)
        video = workspace.video(args.video, report)
        try:
            pairs = _prompt(video, objects, args.source, report)
            if not pairs:
                raise InvalidRequest(f"{args.source} holds no prompts for {video.name}.")
            outcomes = _track(video, pairs, args, report)
            made = None
            if args.export or args.out:
                chosen = {**options, "pairs": pairs, **_range(args)}
                show = report.job("exporting")
                made = video.export(row.name, args.out, progress=show, **chosen)
        except KeyboardInterrupt:
            report.close()
            _tell_kept(video)
            raise
    return _tell(args, video, outcomes, made)


def _prompt(
    video: Video, objects: Sequence[PromptedObject], source: Path | None, report: ProgressReport
) -> list[Pair]:
    """Import the file, then put the prompts of the arguments; returns the pairs to track."""
    if source is not None:
        with suppress(NothingToDo):  # it was imported before
            video.import_(source, progress=report.job("importing"), masks_as="prompts")
    given = []
    for at, prompted in enumerate(objects):
        pair = _instance(video, at, prompted)[prompted.region]
        for frame_idx, frame in sorted(prompted.frames.items()):
            report("prompting", at, len(objects))
            pair.set_prompts(frame_idx, frame.labelled_points(), frame.box)
        given.append(pair)
    report("prompting", len(objects), len(objects))
    if source is None:
        return given
    found = [pair for pair in video.pairs() if pair.prompts()]
    return [*found, *(pair for pair in given if pair.key not in {old.key for old in found})]


def _instance(video: Video, at: int, prompted: PromptedObject) -> Instance:
    """Find the instance of an object by its name, or by its place; add it if it is new."""
    rows = video.instance_rows()
    if prompted.name is None:
        return video.instance(rows[at]["instance_id"]) if at < len(rows) else video.add_instance()
    for row in rows:
        if row["name"] == prompted.name:
            return video.instance(row["instance_id"])
    if len(rows) == 1 and not video.pairs():  # the one that every new video has
        instance = video.instance(rows[0]["instance_id"])
        instance.update(name=prompted.name)
        return instance
    return video.add_instance(prompted.name)


def _track(
    video: Video, pairs: Sequence[Pair], args: argparse.Namespace, report: ProgressReport
) -> list[PairOutcome]:
    with suppress(NothingToDo):  # every mask is there: the command was run before
        job = video.propagate(pairs, direction=args.direction, **_range(args))
        job.wait(report.job("tracking"))
    direction = Direction(args.direction)
    return [outcome_of(pair, direction, **_range(args)) for pair in pairs]


def _range(args: argparse.Namespace) -> dict[str, int]:
    given = {"start": args.start, "end": args.end}
    return {name: value for name, value in given.items() if value is not None}


def _tell(
    args: argparse.Namespace, video: Video, outcomes: list[PairOutcome], made: Export | None
) -> int:
    document = {
        "video_id": video.video_id,
        "pairs": [outcome.to_json() for outcome in outcomes],
        "export": None
        if made is None
        else {"path": str(made.path), "bytes": made.bytes, "sha256": made.sha256},
    }
    text = "".join(outcome.to_line() for outcome in outcomes)
    if made is not None:
        write_remarks(made.remarks)
        text += f"{made.path}\n"
    write(args, document, text)
    return MASKS_MISSING if any(outcome.missing for outcome in outcomes) else 0


def _tell_kept(video: Video) -> None:
    with suppress(SessionError):
        masks = sum(len(pair.facts()) for pair in video.pairs())
        sys.stderr.write(
            f"Kept: {masks} masks and all prompts of {video.video_id}. "
            "The same command goes on from there.\n"
        )
