"""A database with values that this program never wrote: no list of videos breaks."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from sam2_session.settings import Settings
from tests.annotating import Annotator, annotating

OPENING = ("list_instances", "list_suspicions", "list_runs", "list_imports")
LISTS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in ("list_videos", "list_batches", "list_jobs", "list_trash")),
    ("get_batch", {"batch_id": "both"}),
    ("list_instances", {"video_id": "other"}),
]
FEW = (("runs", "last_frame"), ("jobs", "params"))
RUBBISH: list[Any] = ["", "x{", "[null, 1]", None, -1, 9e99, b"\0\xff"]


def columns(path: Path) -> Iterator[tuple[str, str]]:
    """Every table of a database, with each of its columns."""
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in database.execute(f"PRAGMA table_info({table})").fetchall():
                yield table, row[1]


def put(path: Path, table: str, column: str, value: Any) -> bool:
    """Put a value into each row; whether there was one, and the schema allows it."""
    with closing(sqlite3.connect(path)) as database:
        try:
            done = database.execute(f"UPDATE {table} SET {column} = ?", (value,))  # noqa: S608
        except sqlite3.IntegrityError:
            return False
        database.commit()
        return done.rowcount > 0


def faults(ada: Annotator) -> Iterator[str]:
    """Use the video, which may fail; yield the errors of what every other video is in, too."""
    for name in OPENING:
        with suppress(Exception):  # of this video alone
            ada.call(name, video_id="clip")
    for name, fields in LISTS:
        try:
            ada.call(name, **fields)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            yield f"{name}: {type(error).__name__}: {error}"[:150]


def bring_back(ada: Annotator, path: Path, whole: Path) -> None:
    """Put the whole database back, once nobody has the damaged one open."""
    with suppress(Exception):  # what the damage keeps from being written
        ada.services._projects.finish_files("clip")
    ada.until(lambda: ada.services._projects.close_one("clip") is None)
    assert ada.services._projects.peek("clip") is None
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    Path(shutil.copy(whole, path.with_name("copy"))).replace(path)


@pytest.mark.parametrize(
    "only", [FEW, pytest.param((), marks=pytest.mark.slow)], ids=["few", "all"]
)
def test_no_value_in_any_column_breaks_more_than_its_video(
    settings: Settings, only: tuple[tuple[str, str], ...]
) -> None:
    path = settings.outputs_dir / "clip/session.sqlite3"
    found: dict[str, list[str]] = {}
    with annotating(settings) as ada:
        ada.open("other")
        ada.call("create_batch", name="both", video_ids=["clip", "other"])
        ada.services._projects.close_one("clip")
        whole = Path(shutil.copy(path, path.with_name("whole")))
        for table, column in only or list(columns(path)):
            for value in RUBBISH:
                if put(path, table, column, value):
                    for fault in faults(ada):
                        found.setdefault(fault, []).append(f"{table}.{column} = {value!r}")
                bring_back(ada, path, whole)

    assert found == {}
