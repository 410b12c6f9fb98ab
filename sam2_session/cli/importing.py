"""The command ``import VIDEO FILE``, with a dry run."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sam2_session.cli.options import Opener, add_quiet, add_where
from sam2_session.cli.progress import ProgressReport
from sam2_session.client.connection import Json
from sam2_session.core.errors import InvalidRequest


def add_import(commands: Any) -> None:
    """Add the command ``import``."""
    parser = commands.add_parser("import", help="bring annotations of other tools into a video")
    parser.add_argument("video", help="its id: the name of its folder under outputs/")
    parser.add_argument("file", type=Path, help="JSON, a ZIP, or a folder of masks")
    parser.add_argument(
        "--dry-run", action="store_true", help="report what would be imported, and import nothing"
    )
    parser.add_argument("--json", action="store_true", help="the dry run's whole report as JSON")
    parser.add_argument("--task", help="the task, if the file has several")
    parser.add_argument("--annotator", help="the annotator, if a task has several")
    parser.add_argument("--offset", type=int, help="added to the file's numbers to count from 0")
    parser.add_argument(
        "--map",
        action="append",
        metavar="LABEL=INSTANCE/REGION",
        default=[],
        help="where a label goes; the instance may be `new`; `LABEL=` leaves it out",
    )
    parser.add_argument("--masks-as", choices=("imported", "prompts"), default="imported")
    parser.add_argument("--existing", choices=("keep", "replace"), default="keep",
                        help="what becomes of frames that a person has prompted")  # fmt: skip
    parser.add_argument("--predictions", choices=("leave_out", "take"), default="leave_out",
                        help="what a model found, in tasks that nobody has annotated")  # fmt: skip
    parser.add_argument("--keypoint", action="append", metavar="LABEL", default=[],
                        help="points of this label are keypoints")  # fmt: skip
    add_quiet(parser)
    add_where(parser)
    parser.set_defaults(run=import_file)


def import_file(args: argparse.Namespace, connect: Opener) -> int:
    """Import a file and wait, or print the report of a dry run; Ctrl+C cancels."""
    if not args.file.exists():
        raise InvalidRequest(f"There is no file {str(args.file)!r}.")
    options = _options(args)
    with closing(connect()) as workspace, closing(ProgressReport(quiet=args.quiet)) as report:
        video = workspace.video(args.video, report)
        if args.dry_run:
            preview = dict(video.preview_import(args.file, **options))
            text = json.dumps(preview, indent=1) + "\n" if args.json else _text(preview)
        else:
            made = video.import_(args.file, progress=report.job("importing"), **options)
            text = _counts(made.counts) + _notes(made.notes) + f"import {made.import_id}\n"
    sys.stdout.write(text)
    return 0


def _options(args: argparse.Namespace) -> Json:
    options: Json = {"masks_as": args.masks_as, "existing": args.existing}
    options["predictions"] = args.predictions
    options["mapping"] = dict(map(_mapped, args.map))
    options["keypoint_labels"] = args.keypoint
    given = {"task": args.task, "annotator": args.annotator, "frame_offset": args.offset}
    return options | {name: value for name, value in given.items() if value is not None}


def _mapped(text: str) -> tuple[str, Json | None]:
    label, equals, pair = text.rpartition("=")
    if not equals or not label:
        raise InvalidRequest(f"{text!r} maps nothing.", hint="Write it like tool_tip=1/shaft.")
    if not pair:
        return label, None
    instance, _, region = pair.partition("/")
    if instance != "new" and not instance.isdecimal():
        raise InvalidRequest(f"{pair!r} is no pair.", hint="Write it like 1/shaft or new/shaft.")
    instance_id = None if instance == "new" else int(instance)
    return label, {"instance_id": instance_id, **({"region": region} if region else {})}


def _text(report: Json) -> str:
    lines = [f"format {report['format']}\n"]
    if report["needs"]:
        lines.append(f"choose with --{report['needs'].removeprefix('frame_')}:\n")
        candidates = report.get(f"{report['needs']}s", [])
        lines += [f"  {candidate['label']}\n" for candidate in candidates]
    if report["first_file"] and report["frame_offset"] is not None:
        lines.append(f"{report['first_file']}: numbers are shifted by {report['frame_offset']}\n")
    for subject in report["subjects"]:
        kinds = ", ".join(f"{count} {kind}" for kind, count in subject["kinds"].items())
        lines.append(f"  {subject['name']}: {kinds} -> {_target(subject['target'])}\n")
    return "".join(lines) + _counts(report["counts"]) + _notes(report["notes"])


def _target(target: Json | None) -> str:
    if target is None:
        return "left out"
    fresh = f"a new instance {target['new_instance'] or ''}".strip()
    return f"{target['instance_id'] or fresh}, {target['region']}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) + "\n"


def _notes(notes: Iterable[Mapping[str, Any]]) -> str:
    lines = []
    for note in notes:
        where = f" ({'; '.join(note['examples'])})" if note["examples"] else ""
        lines.append(f"{note['outcome']} {note['count']}: {note['why']}{where}\n")
    return "".join(lines)
