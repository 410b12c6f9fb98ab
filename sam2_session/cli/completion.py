"""The command ``completion``: prints a script that completes our commands in a shell."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import shtab

from sam2_session.cli.options import Opener
from sam2_session.options import BY_NAME, parse_path
from sam2_session.settings import add_options

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "sam2-session"
FILES = ("video", "folder", "file")  # arguments that are, or may be, a path


def add_completion(commands: Any, parser: argparse.ArgumentParser) -> None:
    """Add the command ``completion`` for all commands of a parser."""
    own = commands.add_parser("completion", help="print a script that completes commands")
    own.add_argument("shell", choices=SHELLS, help="the shell to print it for")

    def run(args: argparse.Namespace, _: Opener) -> int:
        sys.stdout.write(_script(commands, parser, args.shell))
        return 0

    own.set_defaults(run=run)


def _script(commands: Any, parser: argparse.ArgumentParser, shell: str) -> str:
    """Write the script: commands with their own options and those of the server."""
    server = commands.add_parser("serve", help="start the server")
    for command in {server, *commands.choices.values()}:
        if command is server or "--url" in command._option_string_actions:
            add_options(command)
        for action in command._actions:
            if _is_path(action):
                action.complete = shtab.FILE
            elif action.dest in BY_NAME and not action.choices:
                action.choices = BY_NAME[action.dest].choices or None
    parser.prog = PROGRAM
    return f"{shtab.complete(parser, shell)}\n"


def _is_path(action: argparse.Action) -> bool:
    named = action.dest in FILES or action.dest.endswith("_dir")
    return named or action.type in (Path, parse_path)
