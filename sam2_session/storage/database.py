"""One video's SQLite database: one writer thread, WAL, full sync, grouped commits."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sam2_session.core.errors import (
    DamagedDatabase,
    FsyncFailed,
    HostUnavailable,
    StorageFailed,
)
from sam2_session.loops import Loop
from sam2_session.runtime import Future, Lock, Queue
from sam2_session.storage.pictures import add_reader
from sam2_session.storage.schema import MIGRATIONS, SCHEMA, SCHEMA_VERSION
from sam2_session.storage.workspace import PICTURES_NAME

T = TypeVar("T")
Transaction = sqlite3.Connection

BUSY_TIMEOUT_S = 5.0
MAX_GROUP = 64  # writes that share one commit, and so one fsync

# After these the kernel may have dropped the data, so a retry would succeed falsely. Other I/O
# errors, such as a full disk, come before anything is acknowledged.
LOST_WRITES = (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC)
# The last one is a table or column that should be there and is not.
DAMAGED = (
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_ERROR,
)

TABLE = re.compile(r"CREATE TABLE (\w+)")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Write:
    run: Callable[[Transaction], Any] | None
    future: Future[Any]
    then: Callable[[Any], None] | None = None
    is_alone: bool = False  # outside of a transaction


class Database:
    """Reads from any thread and writes through one; a write is durable when it returns.

    `pictures` is the folder of the PNGs that it names: beside it, unless told otherwise. Raises
    `DamagedDatabase` if the file is not a whole database, when opened or later.
    """

    def __init__(self, path: Path, pictures: Path | None = None) -> None:
        self._path = path
        folder = pictures or path.parent / PICTURES_NAME
        self._writes: Queue[_Write] = Queue()
        self._closed = False
        self._writer, self._reader = _open(path)
        for connection in (self._writer, self._reader):
            add_reader(connection, folder)
        self._reader_lock = Lock()
        self._loop = Loop(self._write_group, name=f"db {path.parent.name}")

    def read(self, query: Callable[[Transaction], T]) -> T:
        """Run a query on the committed state."""
        with self._reader_lock:
            if self._closed:
                raise HostUnavailable("This video is being closed.")
            try:
                return query(self._reader)
            except sqlite3.DatabaseError as error:
                raise _storage_error(self._path, error) from error

    def write(
        self, change: Callable[[Transaction], T], then: Callable[[T], None] | None = None
    ) -> T:
        """Run a change in a transaction; it is durable when this returns.

        If `change` raises, all of it is undone and the error is raised again; on a full disk
        `StorageFailed` is raised. `then` is called before this returns, with the result, in the
        order of the commits; it announces the change, and may neither wait nor use the database.
        """
        if self._closed:
            raise HostUnavailable("This video is being closed.")
        future: Future[T] = Future()
        self._writes.put(_Write(change, future, then))
        return future.result()

    def shrink(self) -> int:
        """Give unused space of the file back to the disk; returns its size in bytes.

        Other writes wait. A crash in its midst leaves the file as it was.
        """
        if self._closed:
            raise HostUnavailable("This video is being closed.")
        before = self._size()
        future: Future[None] = Future()
        self._writes.put(_Write(_vacuum, future, is_alone=True))
        future.result()
        return max(0, before - self._size())

    def _size(self) -> int:
        files = (self._path, self._path.with_name(f"{self._path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        """Finish the pending writes and close the file."""
        if self._closed:
            return
        self._closed = True
        self._writes.put(_Write(None, Future()))
        self._loop.join()
        with self._reader_lock:
            self._reader.close()
        self._writer.close()

    def _write_group(self) -> bool:
        group = [self._writes.get()]
        while len(group) < MAX_GROUP and not self._writes.empty():
            group.append(self._writes.get())
        try:
            self._commit_group(
                [write for write in group if write.run is not None and not write.is_alone]
            )
            for write in group:
                if write.is_alone:
                    self._run_alone(write)
        except BaseException as error:  # unforeseen: whoever waits must not wait for ever
            self._give_up(group, error)
            raise
        return all(write.run is not None for write in group)

    def _run_alone(self, write: _Write) -> None:
        try:
            assert write.run is not None
            write.future.set_result(write.run(self._writer))
        except sqlite3.Error as error:
            self._fail([write], error)

    def _commit_group(self, group: list[_Write]) -> None:
        if not group:
            return
        done: list[tuple[_Write, Any]] = []
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for write in group:
                self._apply(write, done)
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            self._fail([write for write in group if not write.future.done()], error)
            return
        for write, result in done:
            _tell(write, result)
            write.future.set_result(result)

    def _apply(self, write: _Write, done: list[tuple[_Write, Any]]) -> None:
        assert write.run is not None
        self._writer.execute("SAVEPOINT one_write")
        try:
            result = write.run(self._writer)
        except sqlite3.OperationalError:
            raise  # the disk failed, not the change: fail the whole group
        except sqlite3.DatabaseError as error:
            self._writer.execute("ROLLBACK TO one_write")
            write.future.set_exception(_storage_error(self._path, error))
        except Exception as error:  # noqa: BLE001 - the error travels to the caller of write()
            self._writer.execute("ROLLBACK TO one_write")
            write.future.set_exception(error)
        else:
            done.append((write, result))
        self._writer.execute("RELEASE one_write")

    def _give_up(self, group: list[_Write], error: BaseException) -> None:
        for write in group:
            if write.run is None:
                self._writes.put(write)  # the end still comes
            elif not write.future.done():
                write.future.set_exception(error)
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def _fail(self, group: list[_Write], error: sqlite3.Error) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")
        log.error("%s: a commit failed: %s", self._path.parent.name, error)
        reason = _storage_error(self._path, error)
        for write in group:
            write.future.set_exception(reason)


def _vacuum(tx: Transaction) -> None:
    tx.execute("VACUUM")
    tx.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _tell(write: _Write, result: Any) -> None:
    try:
        if write.then is not None:
            write.then(result)
    except Exception:
        log.exception("a committed change was not announced")


def _storage_error(path: Path, error: sqlite3.Error) -> Exception:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code in LOST_WRITES:
        return FsyncFailed(path.name, str(error))
    if code & 0xFF in DAMAGED:
        return DamagedDatabase(path.parent.name, str(error))
    if code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return StorageFailed(
            "The disk is full; the change was not saved.",
            hint="Free some space, then try again; what was saved before is safe.",
        )
    return StorageFailed(f"{path.name} refused the change: {error}.", hint="See the server's log.")


def _open(path: Path) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """Open a whole database, or make one, with its writer's and its readers' connections."""
    opened: list[sqlite3.Connection] = []
    try:
        opened.append(_connect(path))
        _create(opened[0])
        opened.append(_connect(path))
    except Exception as error:
        for connection in opened:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise _storage_error(path, error) from error
        raise
    writer, reader = opened
    return writer, reader


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise StorageFailed(
            f"This video was annotated with a newer version (schema {version}).",
            hint="Start the newer version again, or move outputs/<video> away.",
        )
    if version == 0:
        _run_script(connection, SCHEMA, SCHEMA_VERSION)
        return
    (problem,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if problem != "ok":
        raise sqlite3.DatabaseError(problem)
    for before in range(version, SCHEMA_VERSION):
        _run_script(connection, MIGRATIONS[before], before + 1)
    _require_tables(connection)


def _require_tables(connection: sqlite3.Connection) -> None:
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if missing := sorted(set(TABLE.findall(SCHEMA)) - there):
        raise sqlite3.DatabaseError(f"no table {missing[0]}")


def _run_script(connection: sqlite3.Connection, script: str, version: int) -> None:
    connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {version}; COMMIT;")
