"""Each file has one readable, permanent id that no other file takes."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sam2_session.core.errors import StorageFailed
from sam2_session.storage.annotated import is_annotated
from sam2_session.storage.catalog import (
    SourceState,
    compare_source,
    load_records,
    new_video_id,
    register,
    safe_stem,
    source_now,
    to_trash,
    video_files,
)
from sam2_session.storage.database import Database
from sam2_session.storage.probe import VideoProbe
from sam2_session.storage.video_record import write_record
from sam2_session.storage.workspace import Workspace, is_video_id

ROWS = {
    "frames": "INSERT INTO frames VALUES (1, 'overall', 0, 1, '{}', '', 1)",
    "masks": (
        "INSERT INTO masks (instance_id, region, frame_idx, rev, source, area)"
        " VALUES (1, 'overall', 0, 1, 'human', 5)"
    ),
    "keypoints": "INSERT INTO keypoints VALUES (1, 1, 0, 1.0, 2.0, 'tip', 1, 0)",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    for name in ("videos", "outputs"):
        (tmp_path / name).mkdir()
    return Workspace(tmp_path / "videos", tmp_path / "outputs")


def put(workspace: Workspace, name: str, content: bytes = b"x") -> Path:
    path = workspace.videos_dir / name
    path.write_bytes(content)
    return path


def test_files_of_one_stem_get_ids_of_their_own() -> None:
    ids: list[str] = []
    for name in ["x.mp4", "x.mov", "X.MP4", "x-mov.mp4", "x.mkv", "X.mkv", "X.MKV"]:
        ids.append(new_video_id(name, ids))
    assert ids[:4] == ["x", "x-mov", "X-MP4", "x-mov-mp4"]
    assert len({video_id.casefold() for video_id in ids}) == 7


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("a b (1)", "a_b_1"),
        ("视频", "视频"),
        ("z\u0307", "ż"),  # composed
        ("...", "video"),
        ("-rf", "rf"),
        ("a\u202eb", "a_b"),
        ("../../etc", "etc"),
        ("", "video"),
    ],
)
def test_a_stem_becomes_a_safe_id(stem: str, expected: str) -> None:
    assert safe_stem(stem) == expected
    assert is_video_id(expected)


@pytest.mark.parametrize("stem", ["x" * 300, "视" * 300, "a." * 200])
def test_a_long_stem_is_cut_to_an_id(stem: str) -> None:
    assert is_video_id(new_video_id(f"{stem}.mp4", [safe_stem(stem)]))


def test_only_visible_videos_are_listed(workspace: Workspace) -> None:
    for name in ["a.mp4", "B.MOV", "c.avi", "d.mkv", "e.WebM", ".f.mp4", "g.txt", ".upload-1.part"]:
        put(workspace, name)
    (workspace.videos_dir / "h.mp4").mkdir()
    put(workspace, os.fsdecode(b"\xff.mp4"))
    names = [path.name for path in video_files(workspace)]
    assert names == ["B.MOV", "a.mp4", "c.avi", "d.mkv", "e.WebM"]


def test_an_id_outlives_a_restart(workspace: Workspace) -> None:
    register(workspace, put(workspace, "x.mov"), [])
    register(workspace, put(workspace, "x.mp4"), load_records(workspace))
    found = {name: record.source.name for name, record in load_records(workspace).items()}
    assert found == {"x": "x.mov", "x-mp4": "x.mp4"}


def test_frames_of_unknown_origin_are_put_aside(workspace: Workspace) -> None:
    frame = workspace.frame_path("x", 0)
    frame.parent.mkdir(parents=True)
    frame.write_bytes(b"another tool's")
    register(workspace, put(workspace, "x.mp4"), [])
    assert not frame.exists()
    kept = list(workspace.trash_dir.glob("x-*/frames/00001.jpg"))
    assert [path.read_bytes() for path in kept] == [b"another tool's"]


STRANGE = ["{", "[]", '{"source": {"name": "../../x.mp4"}}', "null", '{"a":' * 5000, "1" * 5000]


@pytest.mark.parametrize("content", STRANGE)
def test_a_strange_video_json_is_left_alone(workspace: Workspace, content: str) -> None:
    path = workspace.video_json_path("x")
    path.parent.mkdir()
    path.write_text(content)
    assert load_records(workspace) == {}
    assert path.read_text() == content


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fps", "1e2000000000"),
        ("fps", 1e-300),
        ("time_base", "0/1"),
        ("num_frames", 10**15),
        ("width", -4),
        ("height", "tall"),
    ],
)
def test_a_record_with_a_monstrous_number_is_none(
    workspace: Workspace, name: str, value: object
) -> None:
    record = register(workspace, put(workspace, "x.mp4"), [])
    probe = VideoProbe(160, 96, 0, Fraction(25), Fraction(1, 90_000), 12)
    write_record(workspace, replace(record, probe=probe), None)
    path = workspace.video_json_path("x")
    assert load_records(workspace)["x"].probe == probe

    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))

    assert load_records(workspace) == {}


def test_a_changed_file_is_noticed(workspace: Workspace) -> None:
    path = put(workspace, "x.mp4", b"12345")
    record = register(workspace, path, [])
    assert compare_source(record, source_now(workspace, record)) is SourceState.SAME
    os.utime(path, ns=(1, 1))
    assert compare_source(record, source_now(workspace, record)) is SourceState.TOUCHED
    path.write_bytes(b"123456")
    assert compare_source(record, source_now(workspace, record)) is SourceState.CHANGED
    path.unlink()
    assert compare_source(record, source_now(workspace, record)) is SourceState.MISSING


def test_files_of_masks_without_a_database_are_annotations(workspace: Workspace) -> None:
    register(workspace, put(workspace, "x.mp4"), [])
    assert not is_annotated(workspace, "x")
    workspace.instance_dir("x", 1).mkdir()
    assert is_annotated(workspace, "x")


@pytest.mark.parametrize("table", ["frames", "masks", "keypoints"])
def test_what_the_database_holds_is_an_annotation(workspace: Workspace, table: str) -> None:
    register(workspace, put(workspace, "x.mp4"), [])
    database = Database(workspace.database_path("x"))
    assert not is_annotated(workspace, "x")  # it was opened, no more

    database.write(lambda tx: tx.execute(ROWS[table]))
    assert is_annotated(workspace, "x")
    database.close()


def test_a_database_that_cannot_be_read_may_hold_annotations(workspace: Workspace) -> None:
    register(workspace, put(workspace, "x.mp4"), [])
    workspace.database_path("x").write_bytes(b"no database" * 100)
    assert is_annotated(workspace, "x")


def test_texts_and_unfinished_downloads_are_no_videos(workspace: Workspace) -> None:
    for name in ("notes.txt", "a.mp4.part", "README.md", ".hidden.mp4", "a.mp4~"):
        put(workspace, name)
    for name in ("b.m4v", "c.unknown", "d.gif", "e.tif"):
        put(workspace, name)
    listed = [path.name for path in video_files(workspace)]
    assert listed == ["b.m4v", "c.unknown", "d.gif", "e.tif"]


@pytest.fixture
def other_disk() -> Iterator[Path]:
    """A folder on another file system than the temporary ones: videos/ may be on one."""
    if not Path("/dev/shm").is_dir():
        pytest.skip("no second file system here")
    with TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def test_a_file_on_another_disk_goes_to_the_trash_too(
    workspace: Workspace, other_disk: Path
) -> None:
    path = other_disk / "x.mp4"
    path.write_bytes(b"bytes")

    folder = to_trash(workspace, "x", [path])

    assert (folder / "x.mp4").read_bytes() == b"bytes"
    assert not path.exists()


def test_a_file_that_cannot_leave_its_disk_is_named(workspace: Workspace) -> None:
    """The kernel's files can be copied, not removed."""
    with pytest.raises(StorageFailed, match="version"):
        to_trash(workspace, "x", [Path("/proc/version")])


def test_the_trash_keeps_everything(workspace: Workspace) -> None:
    path = put(workspace, "x.mp4", b"bytes")
    register(workspace, path, [])
    folder = to_trash(workspace, "x", [path, workspace.video_dir("x")])
    assert (folder / "x.mp4").read_bytes() == b"bytes"
    assert (folder / "x" / "video.json").is_file()
    assert load_records(workspace) == {}
