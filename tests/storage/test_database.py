from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sam2_session.core.errors import Conflict, DamagedDatabase, HostUnavailable, StorageFailed
from sam2_session.core.masks import MaskFacts
from sam2_session.core.types import Keypoint, MaskFlag, MaskSource, SessionKey
from sam2_session.storage import history_rows
from sam2_session.storage.database import Database
from sam2_session.storage.frame_rows import BaseRow, add_base, read_base
from sam2_session.storage.import_rows import reserve_instance_id
from sam2_session.storage.instance_rows import (
    add_instance,
    list_instances,
    save_instance,
    set_deleted,
)
from sam2_session.storage.keypoint_rows import derived_beside, list_keypoints, replace_on_frame
from sam2_session.storage.lock import VideoLock
from sam2_session.storage.mask_rows import (
    MaskRow,
    RunRow,
    begin_run,
    flag_mask,
    list_masks,
    list_runs,
    reject_masks,
    save_mask,
)
from sam2_session.storage.op_rows import current_rev, next_rev
from sam2_session.storage.replaced_rows import (
    ReplacedRow,
    RunCounts,
    add_replaced,
    count_runs,
    read_replaced,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "session.sqlite3")
    yield database
    database.close()


def test_a_write_is_read_back(database: Database) -> None:
    assert [database.write(next_rev) for _ in range(3)] == [1, 2, 3]
    assert database.read(current_rev) == 3


def test_a_change_that_raises_leaves_nothing_behind(database: Database) -> None:
    def change(tx: sqlite3.Connection) -> None:
        next_rev(tx)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.write(change)

    assert database.write(next_rev) == 1


def test_many_writers_share_commits_and_lose_nothing(database: Database) -> None:
    with ThreadPoolExecutor(16) as pool:
        revs = list(pool.map(lambda _: database.write(next_rev), range(200)))

    assert sorted(revs) == list(range(1, 201))


def test_the_next_instance_gets_the_id_asked_for_unless_one_so_large_was_used(
    database: Database,
) -> None:
    def added(asked: int) -> int:
        def change(tx: sqlite3.Connection) -> int:
            reserve_instance_id(tx, asked)
            return add_instance(tx, None, None).instance_id

        return database.write(change)

    first = database.write(lambda tx: add_instance(tx, None, None).instance_id)
    assert (first, [added(asked) for asked in (5, 6, 3, 8, 8)]) == (1, [5, 6, 7, 8, 9])


def test_a_failing_neighbour_does_not_touch_the_others(database: Database) -> None:
    def change(number: int) -> object:
        def run(tx: sqlite3.Connection) -> int:
            rev = next_rev(tx)
            if number % 3 == 0:
                raise ValueError(number)
            return rev

        try:
            return database.write(run)
        except ValueError:
            return None

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(change, range(60)))

    kept = sorted(rev for rev in results if isinstance(rev, int))
    assert kept == list(range(1, 41))
    assert database.read(current_rev) == 40


def test_a_full_disk_is_named_and_nothing_before_it_is_lost(database: Database) -> None:
    database.write(next_rev)
    database.write(lambda tx: tx.execute("PRAGMA max_page_count = 1"))  # no page more than now

    with pytest.raises(StorageFailed, match="The disk is full"):
        database.write(lambda tx: add_instance(tx, "x" * 1_000_000, None))

    database.write(lambda tx: tx.execute("PRAGMA max_page_count = 1000000"))
    assert database.write(next_rev) == 2
    assert database.read(list_instances) == []


def test_another_failure_of_the_database_is_not_called_a_full_disk(database: Database) -> None:
    with pytest.raises(StorageFailed, match="refused the change: .* is locked") as raised:
        database.write(lambda tx: tx.execute("PRAGMA wal_checkpoint(TRUNCATE)"))

    assert "log" in raised.value.hint
    assert database.write(next_rev) == 1


def test_a_closed_database_says_so(tmp_path: Path) -> None:
    database = Database(tmp_path / "session.sqlite3")
    database.close()

    with pytest.raises(HostUnavailable):
        database.write(next_rev)


def test_a_newer_schema_is_refused_by_name(tmp_path: Path) -> None:
    Database(tmp_path / "session.sqlite3").close()
    with sqlite3.connect(tmp_path / "session.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()

    with pytest.raises(StorageFailed, match="newer version"):
        Database(tmp_path / "session.sqlite3")


def test_a_killed_writer_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from sam2_session.storage.database import Database;"
        "from sam2_session.storage.op_rows import next_rev;"
        "db = Database(Path(sys.argv[1]));"
        "[print(db.write(next_rev), flush=True) for _ in range(100000)]"
    )
    path = tmp_path / "session.sqlite3"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(20)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += [int(line) for line in process.stdout.read().split()]
    process.stdout.close()
    process.wait()

    database = Database(path)
    assert database.read(current_rev) >= acknowledged[-1]
    database.close()


def test_an_instance_id_is_never_used_twice(database: Database) -> None:
    first = database.write(lambda tx: add_instance(tx, None, None))
    database.write(lambda tx: set_deleted(tx, first.instance_id, deleted=True))

    second = database.write(lambda tx: add_instance(tx, "forceps", "#00ff00"))

    assert (first.instance_id, first.name) == (1, "tool 1")
    assert [instance.to_wire() for instance in database.read(list_instances)] == [second.to_wire()]
    assert second.instance_id == 2


def test_a_second_writer_is_refused_with_the_owners_name(tmp_path: Path) -> None:
    lock = VideoLock(tmp_path / ".lock")

    with pytest.raises(Conflict, match=f"process {os.getpid()}"):
        VideoLock(tmp_path / ".lock")

    lock.release()
    VideoLock(tmp_path / ".lock").release()


def test_a_flag_raised_late_leaves_the_approval_as_it_is(database: Database) -> None:
    key = SessionKey("clip", 1, "overall")
    row = MaskRow(3, 1, MaskSource.PROPAGATED, MaskFacts(0, None), approved=True)
    cut, lost = MaskFlag.SCENE_CUT, MaskFlag.LOST
    database.write(lambda tx: save_mask(tx, key, replace(row, flags=(cut, lost))))

    flagged = database.write(lambda tx: flag_mask(tx, key, 3, [lost]))
    gone = database.write(lambda tx: flag_mask(tx, key, 4, [lost]))

    assert flagged == replace(row, flags=(lost, cut))
    assert gone is None
    assert database.read(lambda tx: list_masks(tx, key)) == [flagged]


def test_a_database_of_the_first_version_keeps_its_masks(tmp_path: Path) -> None:
    path, key = tmp_path / "session.sqlite3", SessionKey("v", 1, "overall")
    row = MaskRow(4, 9, MaskSource.PROPAGATED, MaskFacts(0, None), 1, -3.5)
    first = Database(path)
    first.write(lambda tx: save_mask(tx, key, row))
    first.close()
    to_first_version(path)

    database = Database(path)
    kept = database.read(lambda tx: list_masks(tx, key))
    flagged = replace(row, flags=(MaskFlag.LOST, MaskFlag.SCENE_CUT))
    database.write(lambda tx: save_mask(tx, key, flagged))

    assert kept == [row]
    assert database.read(lambda tx: list_masks(tx, key)) == [flagged]
    database.close()


def test_an_older_history_belongs_to_nobody(tmp_path: Path) -> None:
    path, frame = tmp_path / "session.sqlite3", (1, "overall", 4)
    first = Database(path)
    first.write(lambda tx: history_rows.push(tx, frame, {"n": 1}, {"n": 2}, "ada"))
    first.close()
    to_first_version(path)

    database = Database(path)
    depth = database.read(lambda tx: history_rows.depth(tx, frame))
    undone = database.write(lambda tx: history_rows.undo(tx, frame, {"n": 2}, "bob"))

    assert depth == {"undo": 1, "redo": 0, "undo_by": None, "redo_by": None}
    assert undone == {"n": 1}
    assert database.read(lambda tx: history_rows.depth(tx, frame))["redo_by"] == {
        "client_id": "bob", "person_id": "", "name": "",
    }  # fmt: skip
    database.close()


TO_TENTH = (
    "DROP INDEX bases_of_picture; ALTER TABLE bases DROP COLUMN picture; PRAGMA user_version = 10;"
)
TO_NINTH = TO_TENTH + (
    " DROP INDEX derived_keypoints; ALTER TABLE keypoints DROP COLUMN derived;"
    " PRAGMA user_version = 9;"
)
TO_EIGHTH = TO_NINTH + " ALTER TABLE masks DROP COLUMN agreement; PRAGMA user_version = 8;"
TO_SEVENTH = TO_EIGHTH + (
    " DROP TABLE replaced_masks; DROP TABLE mask_traits;"
    " DELETE FROM meta WHERE name = 'replaced_bytes';"
    " ALTER TABLE runs DROP COLUMN prompted; ALTER TABLE runs DROP COLUMN written;"
    " ALTER TABLE runs DROP COLUMN replaced; ALTER TABLE runs DROP COLUMN dropped;"
    " ALTER TABLE jobs DROP COLUMN took_s; PRAGMA user_version = 7;"
)


def to_first_version(path: Path) -> None:
    """Remove the columns that later versions added."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TO_SEVENTH)
        connection.executescript(
            "ALTER TABLE masks DROP COLUMN flags; ALTER TABLE masks DROP COLUMN network;"
            " ALTER TABLE instances DROP COLUMN class_name;"
            " ALTER TABLE masks DROP COLUMN rejected;"
            " ALTER TABLE masks DROP COLUMN absent; ALTER TABLE masks DROP COLUMN cleaned;"
            " DROP INDEX history_of_action; ALTER TABLE history DROP COLUMN action;"
            " DROP TABLE cleaning_rules;"
            " ALTER TABLE jobs DROP COLUMN paused; ALTER TABLE history DROP COLUMN client_id;"
            " ALTER TABLE history DROP COLUMN undone_by; ALTER TABLE history DROP COLUMN made_at;"
            " DROP TABLE clients; PRAGMA user_version = 1;"
        )


def test_damage_that_shows_when_it_is_read_names_the_video(tmp_path: Path) -> None:
    path = tmp_path / "clip" / "session.sqlite3"
    path.parent.mkdir()
    Database(path).close()
    database = Database(path)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xa5" * (path.stat().st_size - 100))

    with pytest.raises(DamagedDatabase) as error:
        database.read(list_instances)

    assert error.value.video_id == "clip"
    database.close()


def test_a_database_of_the_fourth_version_opens_with_its_instances(tmp_path: Path) -> None:
    path = tmp_path / "session.sqlite3"
    old = Database(path)
    made = old.write(lambda tx: add_instance(tx, "grasper", None))
    old.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TO_SEVENTH)
        connection.executescript(
            "ALTER TABLE instances DROP COLUMN class_name;"
            " ALTER TABLE masks DROP COLUMN rejected;"
            " ALTER TABLE masks DROP COLUMN absent; ALTER TABLE masks DROP COLUMN cleaned;"
            " DROP INDEX history_of_action; ALTER TABLE history DROP COLUMN action;"
            " DROP TABLE cleaning_rules; PRAGMA user_version = 4;"
        )

    database = Database(path)
    kept = database.read(list_instances)
    database.write(lambda tx: save_instance(tx, replace(made, class_name="forceps")))

    assert kept == [made]
    assert database.read(list_instances) == [replace(made, class_name="forceps")]
    database.close()


def test_a_database_of_the_sixth_version_keeps_its_masks_and_takes_rejections(
    tmp_path: Path,
) -> None:
    path, key = tmp_path / "session.sqlite3", SessionKey("v", 1, "overall")
    row = MaskRow(4, 9, MaskSource.PROPAGATED, MaskFacts(0, None), 1, -3.5)
    old = Database(path)
    old.write(lambda tx: save_mask(tx, key, row))
    old.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TO_SEVENTH)
        connection.executescript("ALTER TABLE masks DROP COLUMN rejected; PRAGMA user_version = 6;")

    database = Database(path)
    kept = database.read(lambda tx: list_masks(tx, key))
    changed = database.write(lambda tx: reject_masks(tx, key, (0, 9), "ragged"))

    assert (kept, changed) == ([row], [4])
    assert database.read(lambda tx: list_masks(tx, key)) == [replace(row, rejection="ragged")]
    database.close()


def test_a_database_of_the_seventh_version_keeps_its_runs_and_takes_replaced_masks(
    tmp_path: Path,
) -> None:
    path, key = tmp_path / "session.sqlite3", SessionKey("v", 1, "overall")
    run = RunRow(3, "digest", 0, 9, True)
    old = Database(path)
    old.write(lambda tx: begin_run(tx, key, run))
    old.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TO_SEVENTH)

    database = Database(path)
    kept = database.read(lambda tx: list_runs(tx, key))
    before = ReplacedRow(3, key, 4, None, 0, None)
    database.write(lambda tx: add_replaced(tx, [before]))

    assert kept == [run]
    assert database.read(lambda tx: read_replaced(tx, 3, key, 0, 9)) == {4: before}
    assert database.read(count_runs) == {3: RunCounts(0, 1, 0, 0)}
    database.close()


def test_a_database_of_the_eighth_version_keeps_its_keypoints_and_takes_derived_ones(
    tmp_path: Path,
) -> None:
    path, placed = tmp_path / "session.sqlite3", Keypoint(1, 4, 20.0, 21.5, "tip", False)
    old = Database(path)
    old.write(lambda tx: replace_on_frame(tx, 1, 4, [placed]))
    old.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TO_EIGHTH)

    database = Database(path)
    derived = Keypoint(2, 5, 20.5, 22.0, "tip", derived=True)
    database.write(lambda tx: replace_on_frame(tx, 1, 5, [derived]))

    assert database.read(lambda tx: list_keypoints(tx, 1)) == [placed, derived]
    assert database.read(lambda tx: derived_beside(tx, 1, 4, "tip")) == (5, 5)
    database.close()


def test_a_database_of_the_tenth_version_keeps_its_base_masks(tmp_path: Path) -> None:
    path = tmp_path / "session.sqlite3"
    old = Database(path)
    base = BaseRow(b"a PNG", {"area": 3}, None, None)
    base_id = old.write(lambda tx: add_base(tx, base))
    old.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TO_TENTH)

    database = Database(path)

    assert database.read(lambda tx: read_base(tx, base_id)) == base
    database.close()
