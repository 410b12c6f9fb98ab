"""An annotator on real services over a workspace of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sam2_session.settings import Settings
from tests.annotating import Annotator, annotating, settings_of
from tests.prepared import PreparedWorkspaces


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedWorkspaces:
    return PreparedWorkspaces(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


@pytest.fixture
def ada(settings: Settings) -> Iterator[Annotator]:
    with annotating(settings) as annotator:
        annotator.open()
        yield annotator
