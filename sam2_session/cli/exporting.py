"""The commands ``export VIDEO FORMAT`` and ``formats``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sam2_session.cli.connections import POLL_S, Connection, Json
from sam2_session.core.errors import InvalidRequest, RemoteError
from sam2_session.core.types import UNFINISHED
from sam2_session.formats.registry import EXPORTERS, IMPORTERS, Exporter, exporter
from sam2_session.runtime import sleep

Connect = Callable[[], Connection]


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
    parser.add_argument("--set", action="append", metavar="NAME=VALUE", help="a format's option")
    parser.add_argument("--url", help="a server that runs; without it the folders are opened here")
    parser.set_defaults(run=export)


def add_formats(commands: Any) -> None:
    """Add the command ``formats``."""
    parser = commands.add_parser(
        "formats", help="list the formats to write, with their options, and to read"
    )
    parser.set_defaults(run=list_formats)


def export(args: argparse.Namespace, connect: Connect) -> int:
    """Start an export, wait for it and save its file; Ctrl+C cancels it."""
    request = {"format": args.format, "options": _options(args, exporter(args.format))}
    with closing(connect()) as connection:
        connection.prepare(args.video)
        path = _fetch(connection, args.video, request, args.out)
    sys.stdout.write(f"{path}\n")
    return 0


def _fetch(connection: Connection, video_id: str, request: Json, target: Path | None) -> Path:
    job_id = connection.start_export(video_id, request)
    wait_for(connection, job_id)
    path = connection.save_export(video_id, job_id, target)
    for row in connection.exports(video_id):
        if row["export_id"] == job_id:
            _print_remarks(row["remarks"])
    return path


def _print_remarks(remarks: Mapping[str, int]) -> None:
    for text, count in remarks.items():
        sys.stderr.write(f"{text}: {count}\n")


def wait_for(connection: Connection, job_id: str) -> None:
    """Wait until a job is done; Ctrl+C cancels it. Raises the job's error."""
    try:
        job = _wait(connection, job_id)
    except KeyboardInterrupt:
        connection.cancel(job_id)
        raise
    if job["state"] != "done":
        error = job["error"] or {"code": "cancelled", "message": "It was cancelled.", "hint": ""}
        raise RemoteError(error["code"], error["message"], hint=error["hint"], status=409)


def list_formats(_: argparse.Namespace, __: Connect) -> int:
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
    known = {option.name: option for option in row.options}
    values: Json = {}
    for text in args.set or ():
        name, _, value = text.partition("=")
        if name not in known:
            hint = f"Its options are: {', '.join(known) or 'none'}."
            raise InvalidRequest(f"{row.name} has no option {name!r}.", hint=hint)
        values[name] = known[name].parse(value)
    if args.pair:
        values["pairs"] = [_pair(text) for text in args.pair]
    given = {"start": args.start, "end": args.end}
    values |= {name: value for name, value in given.items() if value is not None}
    values["approved_only"] = args.approved_only
    values["stale"] = "leave_out" if args.leave_out_stale else "keep"
    return values


def _pair(text: str) -> Json:
    instance_id, _, region = text.partition("/")
    if not instance_id.isdecimal() or not region:
        raise InvalidRequest(f"{text!r} is no pair.", hint="Write it like 1/shaft.")
    return {"instance_id": int(instance_id), "region": region}


def _wait(connection: Connection, job_id: str) -> Json:
    shown = ""
    while (job := connection.job(job_id))["state"] in UNFINISHED:
        line = f"{job['done']} of {job['total']}"
        if line != shown:
            sys.stderr.write(f"\r{line}")
            shown = line
        sleep(POLL_S)
    sys.stderr.write("\r" if shown else "")
    return job
