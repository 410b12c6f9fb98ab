"""One video's SQLite database: one writer thread, WAL, full sync, grouped commits.

In a cluster, where files are shared, it is a rollback journal instead: WAL keeps its index in
memory that processes share, which two machines cannot.
"""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sam2_session.core.errors import (
    DamagedDatabase,
    FsyncFailed,
    SessionError,
    StorageFailed,
    VideoClosed,
    VideoElsewhere,
)
from sam2_session.loops import Loop
from sam2_session.runtime import Future, Lock, Queue
from sam2_session.storage.documents import SHAPE_ERRORS
from sam2_session.storage.pictures import add_reader
from sam2_session.storage.schema import MIGRATIONS, SCHEMA, SCHEMA_VERSION
from sam2_session.storage.workspace import PICTURES_NAME
from sam2_session.storage.write_guard import WRITE_GUARD

T = TypeVar("T")
Transaction = sqlite3.Connection

BUSY_TIMEOUT_S = 5.0
READ_FENCE = "SELECT value FROM meta WHERE name = 'fence'"
WRITE_FENCE = "INSERT OR REPLACE INTO meta VALUES ('fence', ?)"
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
    shrinks: bool = False  # the file, outside of a transaction

    @property
    def ends(self) -> bool:
        """Tell if it is the end of all writes."""
        return self.run is None and not self.shrinks


class Database:
    """Reads from any thread and writes through one; a write is durable when it returns.

    Raises `DamagedDatabase` if the file is not a whole database, when opened or later. `fence` is
    the number of the lease in a cluster: once another process has opened it with a higher one,
    nothing is committed any more, and `VideoElsewhere` is raised. `pictures` is the folder of the
    PNGs that it names: beside it, unless told otherwise.
    """

    def __init__(self, path: Path, fence: int | None = None, pictures: Path | None = None) -> None:
        self._path = path
        self._fence = fence
        self._writes: Queue[_Write] = Queue()
        self._closed = False
        self._closing = Lock()
        self._writer, self._reader = _open(path) if fence is None else _open_fenced(path, fence)
        for connection in (self._writer, self._reader):
            add_reader(connection, pictures or path.parent / PICTURES_NAME)
        self._reader_lock = Lock()
        # one connection reads and writes then: two would lock each other out of the file
        self._writing: AbstractContextManager[Any] = (
            nullcontext() if fence is None else self._reader_lock
        )
        self._loop = Loop(self._write_group, name=f"db {path.parent.name}")

    def read(self, query: Callable[[Transaction], T]) -> T:
        """Run a query on the committed state. Raises `VideoClosed`."""
        with self._reader_lock:
            if self._closed:
                raise VideoClosed
            try:
                with _readable_rows(self._path):
                    return query(self._reader)
            except sqlite3.DatabaseError as error:
                raise _storage_error(self._path, error) from error

    def write(
        self, change: Callable[[Transaction], T], then: Callable[[T], None] | None = None
    ) -> T:
        """Run a change in a transaction; it is durable when this returns.

        If `change` raises, all of it is undone and the error is raised again; on a full disk
        `StorageFailed` is raised, once it is closed `VideoClosed`. `then` is called before this
        returns, with the result, in the order of the commits; it announces the change, and may
        neither wait nor use the database.
        """
        future: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise VideoClosed
            self._writes.put(_Write(change, future, then))
        return future.result()

    def shrink(self) -> int:
        """Give unused space of the file back to the disk; returns its size in bytes.

        Other writes wait. A crash in its midst leaves the file as it was.
        """
        before = self._size()
        future: Future[None] = Future()
        with self._closing:
            if self._closed:
                raise VideoClosed
            self._writes.put(_Write(None, future, shrinks=True))
        future.result()
        return max(0, before - self._size())

    def _size(self) -> int:
        files = (self._path, self._path.with_name(f"{self._path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        """Finish the pending writes and close the file."""
        with self._closing:  # nothing is put behind the end, where it would wait for ever
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
            with self._writing:
                done = self._commit_group([write for write in group if write.run is not None])
            for write, result in done:
                _tell(write, result)
                write.future.set_result(result)
            for write in group:
                if write.shrinks:
                    self._shrink_now(write)
        except BaseException as error:  # unforeseen: whoever waits must not wait for ever
            self._give_up(group, error)
            raise
        return not any(write.ends for write in group)

    def _shrink_now(self, write: _Write) -> None:
        try:
            with self._writing:
                self._check_fence()
                WRITE_GUARD.check(self._path)
                self._writer.execute("VACUUM")
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            write.future.set_result(None)
        except (sqlite3.Error, VideoElsewhere) as error:
            self._fail([write], error)

    def _commit_group(self, group: list[_Write]) -> list[tuple[_Write, Any]]:
        done: list[tuple[_Write, Any]] = []
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            self._check_fence()
            for write in group:
                self._apply(write, done)
            WRITE_GUARD.check(self._path)
            self._writer.execute("COMMIT")
        except (sqlite3.Error, VideoElsewhere) as error:
            self._fail([write for write in group if not write.future.done()], error)
            return []
        return done

    def _check_fence(self) -> None:
        """Raise `VideoElsewhere` if a later lease has been here."""
        if (
            self._fence is not None
            and self._writer.execute(READ_FENCE).fetchone()[0] != self._fence
        ):
            raise VideoElsewhere(self._path.parent.name, "")

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
            if write.ends:
                self._writes.put(write)  # the end still comes
            elif not write.future.done():
                write.future.set_exception(error)
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def _fail(self, group: list[_Write], error: sqlite3.Error | VideoElsewhere) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")
        log.error("%s: a commit failed: %s", self._path.parent.name, error)
        reason = _storage_error(self._path, error) if isinstance(error, sqlite3.Error) else error
        for write in group:
            write.future.set_exception(reason)


def _tell(write: _Write, result: Any) -> None:
    try:
        if write.then is not None:
            write.then(result)
    except Exception:
        log.exception("a committed change was not announced")


@contextmanager
def _readable_rows(path: Path) -> Iterator[None]:
    """Raise `DamagedDatabase` for a row with a value that this program never wrote."""
    try:
        yield
    except SessionError:
        raise
    except SHAPE_ERRORS as error:
        log.error("%s: a row cannot be read: %.200r", path.parent.name, error)
        raise DamagedDatabase(path.parent.name, repr(error)[:200]) from error


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


def _open_fenced(path: Path, fence: int) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """Open a database for the lease of this number: commits of earlier ones fail from now on."""
    try:
        connection = _connect(path, "TRUNCATE")
    except sqlite3.Error as error:
        raise _storage_error(path, error) from error
    try:
        _create(connection)
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute(READ_FENCE).fetchone()
        if row is not None and row[0] > fence:
            raise VideoElsewhere(path.parent.name, "")
        connection.execute(WRITE_FENCE, (fence,))
        connection.execute("COMMIT")
    except Exception as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise _storage_error(path, error) from error
        raise
    return connection, connection


def _connect(path: Path, journal_mode: str = "WAL") -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute(f"PRAGMA journal_mode={journal_mode}")
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
