"""Live servers in both async modes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.live import LiveServer, running_server

MODES = ["eventlet", "threading"]


@pytest.fixture(scope="session", params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def server(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Open to everybody on this machine, as by default; for tests that leave it as it was."""
    with running_server(tmp_path_factory.mktemp("open"), "--async-mode", mode) as live:
        yield live


@pytest.fixture(scope="module")
def locked_server(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Wants its token."""
    folder = tmp_path_factory.mktemp("locked")
    with running_server(folder, "--async-mode", mode, "--token", "s3cret") as live:
        yield live


@pytest.fixture
def own_server(mode: str, tmp_path: Path) -> Iterator[LiveServer]:
    """For tests that break it."""
    with running_server(tmp_path, "--async-mode", mode) as live:
        yield live
