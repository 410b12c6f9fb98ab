"""Annotations of another tool are set aside only where there is no database of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from sam2_session.storage.foreign import set_aside
from sam2_session.storage.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "videos", tmp_path / "outputs")
    for name in ("instance1/points_shaft.json", "instance2/notes.txt", "instance0/keypoints.json"):
        path = workspace.video_dir("clip") / name
        path.parent.mkdir(parents=True)
        path.touch()
    return workspace


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("instance*"))


def test_instances_with_annotations_are_set_aside(workspace: Workspace) -> None:
    set_aside(workspace, "clip")

    assert left_in(workspace.found_dir("clip")) == ["instance1"]
    assert left_in(workspace.video_dir("clip")) == ["instance0", "instance2"]


def test_beside_a_database_everything_stays(workspace: Workspace) -> None:
    workspace.database_path("clip").write_bytes(b"SQLite")

    set_aside(workspace, "clip")

    assert left_in(workspace.video_dir("clip")) == ["instance0", "instance1", "instance2"]


@pytest.mark.parametrize(("log", "kept"), [(b"", False), (b"commits", True)])
def test_an_empty_database_counts_as_none_without_a_log(
    workspace: Workspace, log: bytes, kept: bool
) -> None:
    path = workspace.database_path("clip")
    path.touch()
    path.with_name("session.sqlite3-wal").write_bytes(log)

    set_aside(workspace, "clip")

    assert workspace.found_dir("clip").exists() is not kept
