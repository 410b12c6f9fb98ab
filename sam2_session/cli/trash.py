"""The command ``trash``: list what was deleted, bring it back, or remove it for good."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Any

from sam2_session.cli.options import Opener, add_json, add_where, write
from sam2_session.cli.sizes import shown_bytes
from sam2_session.client.connection import Connection, Json
from sam2_session.core.errors import InvalidRequest
from sam2_session.services.operations.trash import (
    DELETE_TRASHED,
    EMPTY_TRASH,
    LIST_TRASH,
    RESTORE_TRASHED,
)


def add_trash(commands: Any) -> None:
    """Add the command ``trash``."""
    parser = commands.add_parser("trash", help="list what was deleted, bring it back, or empty it")
    parser.add_argument("action", nargs="?", choices=("list", "restore", "empty"), default="list")
    parser.add_argument(
        "trash_id", nargs="*", help="what to restore or remove; `list` shows the ids"
    )
    parser.add_argument("--all", action="store_true", help="with `empty`: everything")
    add_json(parser)
    add_where(parser)
    parser.set_defaults(run=trash)


def trash(args: argparse.Namespace, connect: Opener) -> int:
    """Run ``trash``, ``trash restore ID …``, ``trash empty ID …`` or ``trash empty --all``."""
    if args.action == "restore" and not args.trash_id:
        raise InvalidRequest("Name what to restore.", hint="`trash` lists the ids.")
    if args.action == "empty" and bool(args.trash_id) is args.all:
        raise InvalidRequest("Name what to remove, or everything with --all.")
    with closing(connect()) as workspace:
        answer, text = ACTIONS[args.action](workspace.connection, args.trash_id)
    write(args, answer, text)
    return 0


def _list(connection: Connection, _: list[str]) -> tuple[Json, str]:
    found = connection.call(LIST_TRASH)
    lines = [_line(item) for item in found["items"]] or ["The trash is empty.\n"]
    lines += [f"dropped: {item['name']}, {item['why']}\n" for item in found["dropped"]]
    return found, "".join(lines)


def _restore(connection: Connection, trash_ids: list[str]) -> tuple[Json, str]:
    restored = [connection.call(RESTORE_TRASHED, trash_id=trash_id) for trash_id in trash_ids]
    text = "".join(f"restored {item['kind']} {item['name']}\n" for item in restored)
    return {"restored": restored}, text


def _empty(connection: Connection, trash_ids: list[str]) -> tuple[Json, str]:
    answers = [connection.call(DELETE_TRASHED, trash_id=trash_id) for trash_id in trash_ids]
    if not trash_ids:
        answers = [connection.call(EMPTY_TRASH)]
    total = {name: sum(answer[name] for answer in answers) for name in answers[0]}
    text = f"removed {total['deleted']}, {shown_bytes(total['bytes'])}"
    return total, text + (f"; {total['kept']} could not be removed\n" if total["kept"] else "\n")


def _line(item: Json) -> str:
    when = datetime.fromtimestamp(item["deleted_at"]).strftime("%Y-%m-%d %H:%M")
    where = f" of {item['video_id']}" if item["video_id"] and item["kind"] != "video" else ""
    who = f", by {item['client']}" if item["client"] else ""
    what = f"{item['kind']:8} {item['name']}{where}"
    return f"{item['trash_id']}  {what}, {shown_bytes(item['bytes'])}, {when}{who}\n"


ACTIONS: dict[str, Callable[[Connection, list[str]], tuple[Json, str]]] = {
    "list": _list,
    "restore": _restore,
    "empty": _empty,
}
