"""One process writes a video on a shared folder; one that lost that role writes nothing more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sam2_session.core.errors import Conflict, HostUnavailable, StorageFailed, VideoElsewhere
from sam2_session.runtime import EXIT_DISK
from sam2_session.storage import atomic
from sam2_session.storage.annotated import is_annotated
from sam2_session.storage.database import Database
from sam2_session.storage.lease_owners import Owners
from sam2_session.storage.leases import HOME, LeaseBook, newest_lease
from sam2_session.storage.lock import VideoLock
from sam2_session.storage.opening import open_database
from sam2_session.storage.workspace import Workspace
from sam2_session.storage.write_guard import WRITE_GUARD
from tests.video_steps import wait_until

LEASE_S = 1.0
WRITER = """
import sys, time
from pathlib import Path
from sam2_session.core.errors import VideoElsewhere
from sam2_session.storage import atomic
from sam2_session.storage.database import Database
from sam2_session.storage.leases import LeaseBook

root = Path(sys.argv[1])
leases = LeaseBook(root, "first", 1.0)
leases.claim("clip")
if sys.argv[2] == "trusting":  # ignores its clock: the fence has to hold by itself
    leases.holds = lambda video_id: True
    leases._owners.renew = lambda owner: True
database = Database(root / "clip/session.sqlite3", leases.fence("clip"))
number = 0
while True:
    number += 1
    try:
        change = "INSERT OR REPLACE INTO meta VALUES ('n', ?)"
        database.write(lambda tx: tx.execute(change, (number,)))
        if sys.argv[2] != "trusting":
            atomic.write_bytes(root / "clip/n.txt", str(number).encode())
        print(number, flush=True)
        time.sleep(0.02)  # so that it is mostly paused between two commits
    except VideoElsewhere:
        print("refused", flush=True)
"""


@pytest.fixture
def books() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def book(stack: ExitStack, root: Path, member: str) -> LeaseBook:
    made = LeaseBook(root, member, LEASE_S)
    stack.callback(made.close)
    return made


def test_a_lease_is_of_one_process_until_it_is_released(tmp_path: Path, books: ExitStack) -> None:
    first, second = book(books, tmp_path, "first"), book(books, tmp_path, "second")

    assert first.claim("clip")
    assert not first.claim("clip")
    with pytest.raises(VideoElsewhere) as caught:
        second.claim("clip")
    assert caught.value.owner == first.owner
    first.release("clip")

    assert second.claim("clip")
    assert second.fence("clip") == 2
    assert not first.holds("clip")


def test_without_the_lease_nothing_is_put_in_place(tmp_path: Path, books: ExitStack) -> None:
    leases = book(books, tmp_path, "first")
    leases.claim("clip")
    staged = atomic.stage(tmp_path / "clip/mask.png", b"mask")
    leases.release("clip")

    with pytest.raises(VideoElsewhere):
        atomic.put_in_place(staged, tmp_path / "clip/mask.png")
    with pytest.raises(VideoElsewhere):
        atomic.write_bytes(tmp_path / "clip/other.png", b"mask")
    with pytest.raises(VideoElsewhere):
        atomic.remove(staged)

    assert not list((tmp_path / "clip").glob("*.png"))
    atomic.write_bytes(tmp_path / "regions.json", b"{}")


def test_after_a_long_pause_a_process_writes_nothing_at_all(
    tmp_path: Path, books: ExitStack
) -> None:
    leases = book(books, tmp_path, "first")
    fall_silent(leases)
    wait_until(lambda: not_trusted(tmp_path))

    for name in ("regions.json", "batches/long/batch.json", ".trash/clip/item.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        with pytest.raises(HostUnavailable):
            atomic.write_bytes(tmp_path / name, b"{}")

    assert not [path for path in tmp_path.rglob("*.json*") if path.is_file()]
    atomic.write_bytes(tmp_path.parent / "elsewhere.json", b"{}")


def not_trusted(root: Path) -> bool:
    try:
        WRITE_GUARD.check(root / "any.json")
    except HostUnavailable:
        return True
    return False


def fall_silent(leases: LeaseBook) -> None:
    """As a process that is paused: it shows no sign of life any more."""
    leases._closing.set()
    leases._loop.join()


def test_a_batch_that_the_home_before_had_staged_is_never_put_in_place(
    tmp_path: Path, books: ExitStack
) -> None:
    first = book(books, tmp_path, "first")
    first.claim(HOME)
    path = tmp_path / "batches/long/batch.json"
    path.parent.mkdir(parents=True)
    staged = atomic.stage(path, b"old")
    fall_silent(first)

    second = book(books, tmp_path, "second")
    assert second.claim(HOME)
    atomic.write_bytes(path, b"new")

    with pytest.raises(StorageFailed):
        atomic.put_in_place(staged, path)
    assert path.read_bytes() == b"new"


def test_a_folder_that_nobody_leased_is_open_to_whoever_registers_it(
    tmp_path: Path, books: ExitStack
) -> None:
    book(books, tmp_path, "first")
    (tmp_path / "new").mkdir()

    atomic.write_bytes(tmp_path / "new/video.json", b"{}")

    assert (tmp_path / "new/video.json").is_file()


def test_a_commit_fails_once_a_later_lease_has_been_there(tmp_path: Path) -> None:
    path = tmp_path / "session.sqlite3"
    first = Database(path, fence=1)
    first.write(lambda tx: tx.execute("INSERT INTO meta VALUES ('n', 1)"))
    second = Database(path, fence=2)

    with pytest.raises(VideoElsewhere):
        first.write(lambda tx: tx.execute("UPDATE meta SET value = 2 WHERE name = 'n'"))
    with pytest.raises(VideoElsewhere):
        Database(path, fence=1)

    assert second.read(lambda tx: tx.execute(NUMBER).fetchone()) == (1,)
    first.close()
    second.close()


NUMBER = "SELECT value FROM meta WHERE name = 'n'"


def test_a_leased_database_keeps_no_memory_that_processes_share(tmp_path: Path) -> None:
    path = tmp_path / "session.sqlite3"
    Database(path).close()
    database = Database(path, fence=1)

    database.write(lambda tx: tx.execute("INSERT INTO meta VALUES ('n', 1)"))

    assert database.read(lambda tx: tx.execute("PRAGMA journal_mode").fetchone()) == ("truncate",)
    assert not list(tmp_path.glob("*-wal")) + list(tmp_path.glob("*-shm"))
    database.close()
    Database(path).close()  # a single server opens it again


def test_a_server_outside_the_cluster_keeps_its_video(tmp_path: Path, books: ExitStack) -> None:
    (tmp_path / "clip").mkdir()
    lock = VideoLock(tmp_path / "clip/.lock")
    leases = book(books, tmp_path, "first")

    with pytest.raises(Conflict, match="A server outside the cluster"):
        leases.claim("clip")
    lock.release()

    assert leases.claim("clip")
    with pytest.raises(Conflict, match="A cluster is writing to clip"):
        open_database(Workspace(tmp_path, tmp_path), "clip")


def test_a_video_from_the_trash_is_of_its_owner_again(tmp_path: Path, books: ExitStack) -> None:
    leases = book(books, tmp_path, "first")
    leases.claim("clip")
    atomic.move(tmp_path / "clip", tmp_path / "aside")
    leases.release("clip")
    (tmp_path / "aside").rename(tmp_path / "clip")

    assert leases.claim("clip")
    assert leases.fence("clip") == 2


def test_the_folder_of_another_is_not_moved(tmp_path: Path, books: ExitStack) -> None:
    leases = book(books, tmp_path, "first")
    leases.claim("clip")
    leases.release("clip")

    with pytest.raises(VideoElsewhere):
        atomic.move(tmp_path / "clip", tmp_path / ".trash")


def test_a_lease_is_no_annotation(tmp_path: Path, books: ExitStack) -> None:
    book(books, tmp_path, "first").claim("clip")

    assert not is_annotated(Workspace(tmp_path, tmp_path), "clip")


@pytest.fixture(params=["honest", "trusting"])
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes as fast as it can; a trusting one never looks at its clock."""
    command = [sys.executable, "-c", WRITER, str(tmp_path), request.param]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 20:
            pass
        yield process
        process.kill()


def test_a_paused_owner_that_wakes_up_writes_nothing(
    tmp_path: Path, books: ExitStack, writer: subprocess.Popen[str]
) -> None:
    leases = book(books, tmp_path, "second")
    database = paused_and_taken_over(tmp_path, leases, writer)
    before = content(tmp_path / "clip"), database.read(lambda tx: tx.execute(NUMBER).fetchone())

    os.kill(writer.pid, signal.SIGCONT)

    if "trusting" in writer.args[-1]:  # type: ignore[index]
        wait_for_line(writer, "refused")
    else:
        assert writer.wait() == EXIT_DISK
    assert before == (
        content(tmp_path / "clip"),
        database.read(lambda tx: tx.execute(NUMBER).fetchone()),
    )
    database.close()


def paused_and_taken_over(root: Path, leases: LeaseBook, writer: subprocess.Popen[str]) -> Database:
    """Pause the owner between two commits, and open its video as the new owner."""
    while True:
        os.kill(writer.pid, signal.SIGSTOP)
        if newest_lease(root / "clip")[1] != leases.owner:
            leases.claim("clip")
        try:
            return Database(root / "clip/session.sqlite3", leases.fence("clip"))
        except StorageFailed:  # it was stopped within a commit: that has to end or to be killed
            os.kill(writer.pid, signal.SIGCONT)
            time.sleep(0.01)


def wait_for_line(process: subprocess.Popen[str], wanted: str) -> None:
    assert process.stdout is not None
    while line := process.stdout.readline():
        if line.strip() == wanted:
            return
    raise AssertionError(f"it never said {wanted!r}")


def content(folder: Path) -> dict[str, bytes]:
    """Every file but those that a new owner's database changes itself."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith("session.sqlite3-")
    }


@pytest.mark.parametrize("writer", ["honest"], indirect=True)
def test_the_lease_of_a_killed_process_is_free_at_once(
    tmp_path: Path, books: ExitStack, writer: subprocess.Popen[str]
) -> None:
    writer.kill()
    writer.wait()

    assert book(books, tmp_path, "second").claim("clip")


def test_an_owner_that_was_ended_cannot_come_back(tmp_path: Path) -> None:
    owners = Owners(tmp_path, 0.2)
    owner = owners.add("first")

    owners.wait_for_end(f"{owner}", "clip")

    assert owners.is_ended(owner)
    assert not owners.renew(owner)
