"""A workspace that was annotated before, for each test a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sam2_session.settings import Settings
from tests.annotating import BODY, annotating, make_moving_clip, settings_of


@pytest.fixture(scope="session")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two videos; one has points on two frames, and a run's masks."""
    folder = tmp_path_factory.mktemp("annotated")
    settings = settings_of(folder)
    settings.videos_dir.mkdir()
    make_moving_clip(settings.videos_dir / "other.mp4")
    with annotating(settings) as ada:
        ada.open("other")
        ada.open("clip")
        ada.click(0, *BODY)
        ada.click(3, *BODY)
        ada.propagate()
    return folder


@pytest.fixture
def settings(annotated: Path, tmp_path: Path) -> Settings:
    shutil.copytree(annotated, tmp_path, dirs_exist_ok=True)
    return settings_of(tmp_path)
