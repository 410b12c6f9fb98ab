"""Opening a video in a cluster looks at that one, not at all others; no new one is missed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sam2_session.services.videos import video_table
from sam2_session.services.videos.video_table import VideoTable
from sam2_session.storage.leases import LeaseBook
from sam2_session.storage.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    videos, outputs = tmp_path / "videos", tmp_path / "outputs"
    videos.mkdir()
    outputs.mkdir()
    for name in ("a", "b"):
        (videos / f"{name}.mp4").write_bytes(b"video")
    leases = LeaseBook(outputs, "one")
    yield Workspace(videos, outputs, leases=leases)
    leases.close()


def test_a_known_video_is_looked_at_alone(workspace: Workspace) -> None:
    table = VideoTable(workspace)
    assert table.scan("a") == ["a", "b"]
    assert table.scan("a") == []

    (workspace.videos_dir / "new.mp4").write_bytes(b"video")
    (workspace.videos_dir / "a.mp4").write_bytes(b"another one")

    assert table.scan("a") == ["a"]
    assert table.ids() == ["a", "b"]
    assert table.scan("new") == ["new"]
    assert table.ids() == ["a", "b", "new"]


def test_a_list_asked_for_again_and_again_does_not_look_each_time(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_table, "RESTS", 1e9)
    table = VideoTable(workspace)
    table.scan()

    (workspace.videos_dir / "new.mp4").write_bytes(b"video")

    assert table.scan(rests=True) == []
    assert table.scan() == ["new"]


def test_a_video_that_another_process_deleted_is_gone(workspace: Workspace) -> None:
    table = VideoTable(workspace)
    table.scan()

    shutil.rmtree(workspace.outputs_dir / "a")
    (workspace.videos_dir / "a.mp4").unlink()
    table.scan("a")

    assert table.ids() == ["b"]
