"""The commands ``videos``, ``extract`` and ``jobs``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import Any

from sam2_session.cli.options import Opener, add_json, add_quiet, add_where, write
from sam2_session.cli.progress import ProgressReport
from sam2_session.cli.sizes import shown_bytes
from sam2_session.client.connection import Json
from sam2_session.core.errors import InvalidRequest
from sam2_session.services.operations.compaction import COMPACT_VIDEO


def add_videos(commands: Any) -> None:
    """Add the commands ``videos`` and ``extract``."""
    parser = commands.add_parser("videos", help="list the videos, add, delete or compact one")
    actions = ("list", "add", "delete", "compact")
    parser.add_argument("action", nargs="?", choices=actions, default="list")
    parser.add_argument(
        "video", nargs="?", help="the file to add, or the video_id to delete or compact"
    )
    add_json(parser)
    add_quiet(parser)
    add_where(parser)
    parser.set_defaults(run=videos)
    parser = commands.add_parser("extract", help="extract the frames of a video")
    parser.add_argument("video", help="a video, a ZIP or folder of pictures, or a video_id")
    add_json(parser)
    add_quiet(parser)
    add_where(parser)
    parser.set_defaults(run=extract)


def add_jobs(commands: Any) -> None:
    """Add the command ``jobs``."""
    parser = commands.add_parser("jobs", help="list the jobs, wait for one, or cancel one")
    parser.add_argument("action", nargs="?", choices=("list", "wait", "cancel"), default="list")
    parser.add_argument("job_id", nargs="?", help="the job to wait for or to cancel")
    add_json(parser)
    add_quiet(parser)
    add_where(parser)
    parser.set_defaults(run=jobs)


def videos(args: argparse.Namespace, connect: Opener) -> int:
    """Run ``videos``, ``videos add FILE``, ``videos delete VIDEO`` or ``videos compact VIDEO``."""
    if args.action != "list" and args.video is None:
        raise InvalidRequest(f"Name the video to {args.action}.")
    if args.action == "add":
        return extract(args, connect)
    with closing(connect()) as workspace:
        if args.action == "delete":
            answer = workspace.call("delete_video", video_id=args.video)
            write(args, answer, f"deleted {args.video}; `trash` brings it back\n")
        elif args.action == "compact":
            answer = workspace.connection.call(COMPACT_VIDEO, video_id=args.video)
            write(args, answer, f"{args.video}: {shown_bytes(answer['bytes'])} freed\n")
        else:
            rows = [video.facts for video in workspace.videos()]
            text = "".join(map(_video_line, rows)) or "There is no video.\n"
            write(args, {"videos": rows}, text)
    return 0


def extract(args: argparse.Namespace, connect: Opener) -> int:
    """Make a video ready: find or add it, and extract its frames."""
    with closing(connect()) as workspace, closing(ProgressReport(quiet=args.quiet)) as report:
        video = workspace.video(args.video, report)
        write(args, video.facts, _video_line(video.facts))
    return 0


def jobs(args: argparse.Namespace, connect: Opener) -> int:
    """Run ``jobs``, ``jobs wait JOB`` or ``jobs cancel JOB``."""
    if args.action != "list" and args.job_id is None:
        raise InvalidRequest(f"Name the job to {args.action}.", hint="`jobs` lists them.")
    with closing(connect()) as workspace, closing(ProgressReport(quiet=args.quiet)) as report:
        if args.action == "list":
            rows = [job.facts for job in workspace.jobs()]
            text = "".join(map(_job_line, rows)) or "There is no job.\n"
            write(args, {"jobs": rows}, text)
            return 0
        job = workspace.job(args.job_id)
        if args.action == "cancel":
            job.cancel()
        else:
            job.follow(report.job(job.kind))
            job.raise_if_failed()
        write(args, job.facts, _job_line(job.facts))
    return 0


def _video_line(row: Json) -> str:
    size = f"{row['width']}x{row['height']}, {row['num_frames']} frames"
    masks = row.get("counts", {}).get("masks", 0)
    return f"{row['video_id']:30} {row['state']:10} {size}, {masks} masks\n"


def _job_line(row: Json) -> str:
    error = f": {row['error']['message']}" if row["error"] else ""
    done = f"{row['done']} of {row['total']}"
    return f"{row['job_id']}  {row['kind']} {row['video_id'] or ''} {row['state']}, {done}{error}\n"
