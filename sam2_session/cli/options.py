"""Options that several commands have, and how they are read."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sam2_session.client.workspaces import Client, Studio, Workspace
from sam2_session.core.errors import InvalidRequest
from sam2_session.formats.registry import Exporter
from sam2_session.options import COMMAND_OPTIONS, InvalidSettings
from sam2_session.settings import Settings, parse_settings


class Opener:
    """Opens what a command works on: the server of ``--url``, or the folders of the options."""

    def __init__(self, args: argparse.Namespace, rest: Sequence[str], environ: Mapping[str, str]):
        self._args = args
        self._rest = rest
        self._environ = environ

    @cached_property
    def settings(self) -> Settings:
        """The options of the server, from the command line and the environment."""
        model = getattr(self._args, "model", None)
        words = [*self._rest, *(["--model", model] if model else ())]
        if ray := getattr(self._args, "ray", None):
            words += ["--engine", "ray", "--ray-address", ray]
        return parse_settings(words, self._environ)

    def __call__(self) -> Workspace:
        if self._args.url:
            return Client(self._args.url, self.settings.token)
        return Studio.of(self.settings)


def take_command_options(args: argparse.Namespace, environ: Mapping[str, str]) -> None:
    """Fill in from the environment what the command line leaves out. Raises InvalidSettings."""
    for option in COMMAND_OPTIONS:
        text = environ.get(option.variable)
        if text and not getattr(args, option.name, None):
            try:
                setattr(args, option.name, option.read_variable(text))
            except InvalidSettings as error:
                raise InvalidSettings(f"{option.variable}: {error.message}") from error
    args.url = getattr(args, "url", None)


def add_where(parser: argparse.ArgumentParser) -> None:
    """Add ``--url``."""
    parser.add_argument("--url", help="a server that runs; without it the folders are opened here")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Add ``--quiet``."""
    parser.add_argument("--quiet", action="store_true", help="show no progress")


def add_set(parser: argparse.ArgumentParser) -> None:
    """Add ``--set``."""
    parser.add_argument("--set", action="append", metavar="NAME=VALUE", help="a format's option")


def format_options(texts: list[str] | None, row: Exporter) -> dict[str, Any]:
    """Read ``--set`` for a format. Raises InvalidRequest."""
    known = {option.name: option for option in row.options}
    values = {}
    for text in texts or ():
        name, _, value = text.partition("=")
        if name not in known:
            hint = f"Its options are: {', '.join(known) or 'none'}."
            raise InvalidRequest(f"{row.name} has no option {name!r}.", hint=hint)
        values[name] = known[name].parse(value)
    return values


def read_pair(text: str) -> dict[str, Any]:
    """Read a pair like ``1/shaft``. Raises InvalidRequest."""
    instance_id, _, region = text.partition("/")
    if not instance_id.isdecimal() or not region:
        raise InvalidRequest(f"{text!r} is no pair.", hint="Write it like 1/shaft.")
    return {"instance_id": int(instance_id), "region": region}


def write(args: argparse.Namespace, document: Any, text: str) -> None:
    """Print the document with ``--json``, else the text."""
    sys.stdout.write(json.dumps(document, indent=1) + "\n" if args.json else text)


def write_remarks(remarks: Mapping[str, int]) -> None:
    """Print on stderr what an export could not take."""
    for text, count in remarks.items():
        sys.stderr.write(f"{text}: {count}\n")
