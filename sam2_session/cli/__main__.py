"""The commands besides ``serve``; every option of the server may follow."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from sam2_session.cli.connections import Connection, LocalConnection, RestConnection
from sam2_session.cli.exporting import add_export, add_formats
from sam2_session.cli.importing import add_import
from sam2_session.cli.trash import add_trash
from sam2_session.core.errors import SessionError
from sam2_session.folders import INSTALLED
from sam2_session.hosts.base import DEFAULT_FACTORY, load_factory
from sam2_session.hosts.inline import InlineHost
from sam2_session.settings import add_version, parse_settings

INTERRUPTED = 130


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command; return the process's exit code."""
    args, rest = _parser().parse_known_args(argv)
    try:
        return int(args.run(args, lambda: _open(args, rest, environ)))
    except SessionError as error:
        sys.stderr.write(f"{error.message} {error.hint}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "sam2-session" if INSTALLED else "python -m sam2_session",
        description="Annotate videos by clicking; export and import annotations without a browser.",
        epilog="Without a command, or as `serve`, the server starts: `serve --help` lists its "
        "options. They may follow the other commands, too, like --outputs-dir.",
        allow_abbrev=False,
    )
    add_version(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_export(commands)
    add_import(commands)
    add_formats(commands)
    add_trash(commands)
    return parser


def _open(args: argparse.Namespace, rest: list[str], environ: Mapping[str, str]) -> Connection:
    settings = parse_settings(rest, environ)
    if args.url:
        return RestConnection(args.url, settings.token)
    return LocalConnection(InlineHost(load_factory(DEFAULT_FACTORY)(settings)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
