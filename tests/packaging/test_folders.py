"""The demo clip is put where there is no videos folder yet, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from sam2_session import folders


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of an installed program."""
    monkeypatch.setattr(folders, "INSTALLED", True)
    monkeypatch.setattr(folders, "DATA", tmp_path)
    return tmp_path


def test_a_new_videos_folder_begins_with_the_demo_clip(home: Path) -> None:
    assert folders.make_videos_folder(home / "videos")
    assert [path.name for path in (home / "videos").iterdir()] == ["demo.mp4"]


def test_a_demo_clip_that_was_deleted_stays_away(home: Path) -> None:
    folders.make_videos_folder(home / "videos")
    (home / "videos" / "demo.mp4").unlink()

    assert not folders.make_videos_folder(home / "videos")
    assert list((home / "videos").iterdir()) == []


def test_a_folder_that_the_user_names_gets_no_file_unasked(home: Path) -> None:
    assert not folders.make_videos_folder(home / "mine")
    assert not (home / "mine").exists()


def test_a_checkout_makes_no_folder(tmp_path: Path) -> None:
    assert not folders.make_videos_folder(tmp_path / "videos")
    assert not (tmp_path / "videos").exists()
