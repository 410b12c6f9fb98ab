"""The command ``models``: the checkpoints of this machine, also while a server runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from sam2_session.cli.options import Opener, add_json, add_quiet, add_where, write
from sam2_session.cli.progress import ProgressReport
from sam2_session.cli.sizes import shown_bytes
from sam2_session.client.connection import Json
from sam2_session.client.workspaces import DOWNLOADING
from sam2_session.core.errors import InvalidRequest
from sam2_session.models.checkpoints import CheckpointStore
from sam2_session.models.registry import ModelSpec, Registry


def add_models(commands: Any) -> None:
    """Add the command ``models``."""
    parser = commands.add_parser("models", help="list, fetch, check or remove checkpoints")
    actions = ("list", "pull", "verify", "remove")
    parser.add_argument("action", nargs="?", choices=actions, default="list")
    parser.add_argument(
        "name", nargs="*", help="models, as `list` names them; `verify` takes all without"
    )
    add_json(parser)
    add_quiet(parser)
    add_where(parser)
    parser.set_defaults(run=models)


def models(args: argparse.Namespace, opener: Opener) -> int:
    """Run ``models``, ``models pull NAME``, ``models verify`` or ``models remove NAME``."""
    if args.url and args.action != "list":
        raise InvalidRequest(
            f"`models {args.action}` works on the folder of this machine.",
            hint="Leave --url out; a server fetches a model by itself when it is selected.",
        )
    if args.action in ("pull", "remove") and not args.name:
        raise InvalidRequest(f"Name the models to {args.action}.", hint="`models` lists them.")
    if args.url:
        with closing(opener()) as workspace:
            rows = workspace.models()
    else:
        rows = _on_disk(args, opener)
    write(args, {"models": rows}, "".join(map(_line, rows)))
    return 0


def _on_disk(args: argparse.Namespace, opener: Opener) -> list[Json]:
    settings = opener.settings
    registry, store = Registry.load(settings.configs_dir), CheckpointStore(settings.checkpoints_dir)
    specs = [registry.get(name) for name in args.name] or registry.specs
    if args.action == "pull":
        _pull(specs, store, quiet=args.quiet)
    if args.action == "remove":
        for spec in specs:
            store.remove(spec)
    return [_row(spec, store, verify=args.action == "verify") for spec in specs]


def _pull(specs: Sequence[ModelSpec], store: CheckpointStore, *, quiet: bool) -> None:
    with closing(ProgressReport(quiet=quiet)) as report:
        for spec in specs:
            try:
                store.ensure(spec, lambda done, total: report(DOWNLOADING, done, total))
            except KeyboardInterrupt:
                report.close()
                kept = shown_bytes(store.kept_bytes(spec))
                sys.stderr.write(f"Kept: {kept} of {spec.name}; the same command goes on.\n")
                raise


def _row(spec: ModelSpec, store: CheckpointStore, *, verify: bool) -> Json:
    """Describe a checkpoint; the wrong file raises ModelUnavailable if it is verified."""
    state = "ready" if store.is_present(spec) else "missing"
    if verify and state == "ready":
        store.verify(spec)
        state = "verified"
    done = spec.bytes if state != "missing" else store.kept_bytes(spec)
    label = spec.label or spec.name
    return {"name": spec.name, "label": label, "state": state, "bytes": spec.bytes, "done": done}


def _line(row: Json) -> str:
    size = shown_bytes(row["bytes"]) if row["bytes"] else "size unknown"
    part = row["state"] == "missing" and row["done"]
    kept = f", {shown_bytes(row['done'])} of it fetched" if part else ""
    return f"{row['name']:24} {row['state']:10} {size}{kept}, {row['label']}\n"
