"""The command ``cluster``: looks after the members of a Ray cluster."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import Any

from sam2_session.cli.options import Opener, add_json, write
from sam2_session.core.errors import InvalidRequest

INSTALL = "Install it with: pip install -r requirements-ray.txt (or: sam2-session[ray])."


def add_cluster(commands: Any) -> None:
    """Add the command ``cluster``."""
    parser = commands.add_parser("cluster", help="look after the members of a Ray cluster")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    status = verbs.add_parser("status", help="list the members: videos, runs, memory")
    status.set_defaults(run=show_status)
    drain = verbs.add_parser("drain", help="move every video away from a member")
    drain.add_argument("member", help="its name, as status lists it")
    drain.add_argument("--off", action="store_true", help="let it take videos again")
    drain.set_defaults(run=drain_member)
    stop = verbs.add_parser("stop", help="end every member; stop the servers first")
    stop.set_defaults(run=stop_members)
    for verb in (status, drain, stop):
        add_json(verb)


def show_status(args: argparse.Namespace, connect: Opener) -> int:
    """List the members."""
    with closing(_administration(connect)) as administration:
        rows = administration.status()
    write(args, {"members": rows}, "".join(map(_line, rows)) or "No member.\n")
    return 0


def drain_member(args: argparse.Namespace, connect: Opener) -> int:
    """Begin or end to drain a member."""
    with closing(_administration(connect)) as administration:
        answer = administration.drain(args.member, on=not args.off)
    state = "drains: `cluster status` says when it has no videos" if not args.off else "is open"
    write(args, answer, f"{args.member} {state}.\n")
    return 0


def stop_members(args: argparse.Namespace, connect: Opener) -> int:
    """End every member."""
    with closing(_administration(connect)) as administration:
        names = administration.stop()
    write(args, {"stopped": names}, f"Stopped {len(names)} members.\n")
    return 0


def _administration(connect: Opener) -> Any:
    try:
        from sam2_session.cluster.administration import Administration
    except ImportError as error:  # an optional extra
        raise InvalidRequest(f"A package is missing: {error.name}.", hint=INSTALL) from error
    return Administration(connect.settings)


def _line(row: dict[str, Any]) -> str:
    if "error" in row:
        return f"{row['member']}  {row['error']}\n"
    notes = [name for name in ("home", "draining") if row[name]]
    memory, share = row["memory_bytes"] / 2**20, row.get("memory_share", 0) * 100
    facts = f"{len(row['videos'])} videos, {row['viewers']} people, {row['jobs']} runs"
    facts += f", {memory:.0f} MiB, memory {share:.0f} % full"
    return "  ".join([row["member"], facts, *notes]) + "\n"
