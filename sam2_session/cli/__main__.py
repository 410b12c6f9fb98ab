"""The commands besides ``serve``; every option of the server may follow."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sam2_session.cli.batch import add_batch
from sam2_session.cli.cluster import add_cluster
from sam2_session.cli.completion import add_completion
from sam2_session.cli.doctor import add_doctor
from sam2_session.cli.exporting import add_export, add_formats
from sam2_session.cli.importing import add_import
from sam2_session.cli.mcp import add_mcp
from sam2_session.cli.models import add_models
from sam2_session.cli.options import Opener, take_command_options
from sam2_session.cli.rebuild import add_rebuild
from sam2_session.cli.report import add_report
from sam2_session.cli.run import add_run
from sam2_session.cli.steps import add_steps
from sam2_session.cli.trash import add_trash
from sam2_session.cli.videos import add_jobs, add_videos
from sam2_session.core.errors import SessionError
from sam2_session.folders import INSTALLED
from sam2_session.option_files import with_option_files
from sam2_session.options import InvalidSettings
from sam2_session.settings import add_version

FAILED = 1
WRONG_ARGUMENTS = 2
INTERRUPTED = 130


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command; return the process's exit code."""
    args, rest = _parser().parse_known_args(argv)
    try:
        environ = with_option_files(environ, Path.cwd())
        take_command_options(args, environ)
    except InvalidSettings as error:
        sys.stderr.write(f"{error.message}\n")
        return WRONG_ARGUMENTS
    try:
        return int(args.run(args, Opener(args, rest, environ)))
    except SessionError as error:
        if getattr(args, "json", False):
            sys.stdout.write(json.dumps({"error": error.to_wire()}, indent=1) + "\n")
        sys.stderr.write(f"{error.message} {error.hint}\n")
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "sam2-session" if INSTALLED else "python -m sam2_session",
        description="Annotate videos by clicking; everything else without a browser.",
        epilog="Without a command, or as `serve`, the server starts: `serve --help` lists its "
        "options. They may follow the other commands, too, like --outputs-dir.",
        allow_abbrev=False,
    )
    add_version(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_run(commands)
    add_batch(commands)
    add_videos(commands)
    add_steps(commands)
    add_rebuild(commands)
    add_report(commands)
    add_jobs(commands)
    add_export(commands)
    add_import(commands)
    add_formats(commands)
    add_models(commands)
    add_mcp(commands)
    add_cluster(commands)
    add_doctor(commands)
    add_trash(commands)
    add_completion(commands, parser)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
