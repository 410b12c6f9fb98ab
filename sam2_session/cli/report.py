"""The command ``report``: the HTML report of a video or of a batch."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import Any

from sam2_session.cli.options import Opener, add_json, add_quiet, add_where, write
from sam2_session.cli.progress import ProgressReport
from sam2_session.client.batches import Batch
from sam2_session.client.workspaces import Workspace
from sam2_session.core.errors import BatchNotFound, InvalidRequest


def add_report(commands: Any) -> None:
    """Add the command ``report``."""
    parser = commands.add_parser(
        "report", help="write the report of a video or batch: one HTML page for offline use"
    )
    parser.add_argument("video", nargs="?", help="a video, a folder of pictures, or a video_id")
    parser.add_argument("--batch", metavar="BATCH", help="a batch instead, by its name or id")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it [here]")
    add_json(parser)
    add_quiet(parser)
    add_where(parser)
    parser.set_defaults(run=report)


def report(args: argparse.Namespace, opener: Opener) -> int:
    """Write the page and print where it lies."""
    if (args.video is None) is (args.batch is None):
        raise InvalidRequest("Name a video, or a batch with --batch.")
    with closing(opener()) as workspace, closing(ProgressReport(quiet=args.quiet)) as progress:
        if args.batch is None:
            path = workspace.video(args.video, progress).report(args.out)
        else:
            path = _batch(workspace, args.batch).report(args.out)
    write(args, {"path": str(path), "bytes": path.stat().st_size}, f"{path}\n")
    return 0


def _batch(workspace: Workspace, named: str) -> Batch:
    """Find a batch by its id, or the newest one of this name. Raises `BatchNotFound`."""
    found = [batch for batch in workspace.batches() if named in (batch.batch_id, batch.name)]
    if not found:
        raise BatchNotFound(named)
    return found[-1]
