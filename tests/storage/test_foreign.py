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
    workspace.database_path("clip").touch()

    set_aside(workspace, "clip")

    assert left_in(workspace.video_dir("clip")) == ["instance0", "instance1", "instance2"]
