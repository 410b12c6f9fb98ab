"""One annotator on services in this process; most journeys start from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sam2_session.settings import Settings
from tests.annotating import Annotator, annotating, make_moving_clip, settings_of


@pytest.fixture(scope="session")
def moving_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 12 frames in which two things move."""
    return make_moving_clip(tmp_path_factory.mktemp("moving") / "clip.mp4")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


@pytest.fixture
def ada(settings: Settings) -> Iterator[Annotator]:
    with annotating(settings) as annotator:
        annotator.open()
        yield annotator
