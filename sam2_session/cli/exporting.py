"""The commands ``export VIDEO FORMAT`` and ``formats``."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from sam2_session.cli.options import (
    Opener,
    add_quiet,
    add_set,
    add_where,
    format_options,
    read_pair,
    write_remarks,
)
from sam2_session.cli.outcomes import MASKS_MISSING
from sam2_session.cli.progress import ProgressReport
from sam2_session.client.connection import Json
from sam2_session.formats.exporting.export import NOT_DRAWN
from sam2_session.formats.registry import EXPORTERS, IMPORTERS, Exporter, exporter


def add_export(commands: Any) -> None:
    """Add the command ``export``."""
    parser = commands.add_parser("export", help="write a video's annotations in a format")
    parser.add_argument("video", help="its id: the name of its folder under outputs/")
    parser.add_argument("format", help="a name that `formats` lists")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it [here]")
    parser.add_argument("--pair", action="append", metavar="INSTANCE/REGION", help="only these")
    parser.add_argument("--start", type=int, help="the first frame_idx [0]")
    parser.add_argument("--end", type=int, help="the last frame_idx [the last frame]")
    parser.add_argument("--approved-only", action="store_true", help="only approved masks")
    parser.add_argument("--leave-out-stale", action="store_true", help="no stale masks")
    add_set(parser)
    add_quiet(parser)
    add_where(parser)
    parser.set_defaults(run=export)


def add_formats(commands: Any) -> None:
    """Add the command ``formats``."""
    parser = commands.add_parser(
        "formats", help="list the formats to write, with their options, and to read"
    )
    parser.set_defaults(run=list_formats)


def export(args: argparse.Namespace, connect: Opener) -> int:
    """Start an export, wait for it and save its file; Ctrl+C cancels it."""
    options = _options(args, exporter(args.format))
    with closing(connect()) as workspace, closing(ProgressReport(quiet=args.quiet)) as report:
        video = workspace.video(args.video, report)
        made = video.export(args.format, args.out, progress=report.job("exporting"), **options)
    write_remarks(made.remarks)
    sys.stdout.write(f"{made.path}\n")
    return MASKS_MISSING if NOT_DRAWN in made.remarks else 0


def list_formats(_: argparse.Namespace, __: Opener) -> int:
    """Print a line for each format, and for each option of those that are written."""
    sys.stdout.write("Written:\n")
    for row in EXPORTERS.values():
        sys.stdout.write(f"{row.name:20} {row.label} ({row.suffix})\n")
        for option in row.options:
            sys.stdout.write(f"    {option.name}={option.default}  {option.help}\n")
    sys.stdout.write("Read:\n")
    for importer in IMPORTERS.values():
        suffixes = " ".join(importer.suffixes)
        sys.stdout.write(f"{importer.name:20} {importer.label} ({suffixes}): {importer.reads}\n")
    return 0


def _options(args: argparse.Namespace, row: Exporter) -> Json:
    values = format_options(args.set, row)
    if args.pair:
        values["pairs"] = [read_pair(text) for text in args.pair]
    given = {"start": args.start, "end": args.end}
    values |= {name: value for name, value in given.items() if value is not None}
    values["approved_only"] = args.approved_only
    values["stale"] = "leave_out" if args.leave_out_stale else "keep"
    return values
