"""A workspace of the test's own, and services on it that end with the test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.events import Event, EventBus
from sam2_session.services.decoding.fork_client import ForkClient
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.workspace import Workspace
from tests import processes
from tests.services.videos.hostile_forks import HOSTILE, end_decoder, server_pids
from tests.video_steps import Starter


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "videos").mkdir()
    return Workspace(tmp_path / "videos", tmp_path / "outputs")


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def start(workspace: Workspace, events: list[Event]) -> Iterator[Starter]:
    """Start a service on the workspace; each start ends the one before, as a restart does."""
    running: list[VideoService] = []

    def starter(**options: Any) -> VideoService:
        if running:
            running.pop().close()
        bus = EventBus()
        bus.subscribe(events.append)
        running.append(VideoService(workspace, bus, **options))
        running[-1].start()
        return running[-1]

    yield starter
    for service in running:
        service.close()


@pytest.fixture(scope="module")
def forks() -> Iterator[ForkClient]:
    """One fork server, of decoders that hang or halt on some names."""
    client = ForkClient(HOSTILE)
    end_decoder(client)
    processes.shared |= server_pids()
    yield client
    client.close()
