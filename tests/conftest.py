"""Guards every test runs under, and the few things most of them start from."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests import processes
from tests.browser.pool import ServerPool
from tests.workspace_dirs import WorkspaceDirs
from training.clips import Clip, ClipSpec, make_clip
from training.video import write_video

SMALL = ClipSpec(seed=3, num_frames=12, size_hw=(96, 128))
T = TypeVar("T")
GRACE_S = 120.0  # for processes of a test to end


@pytest.fixture(autouse=True)
def no_thread_stays_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = _wait_for_none(lambda: _threads() - before)
    assert not left, f"still running: {sorted(thread.name for thread in left)}"


@pytest.fixture(autouse=True)
def no_process_stays_behind() -> Iterator[None]:
    before = processes.child_pids()
    yield
    kept = processes.shared | before
    left = _wait_for_none(lambda: processes.child_pids() - kept - processes.idle_fork_servers())
    assert not left, f"still running: {processes.commands(left)}"


@pytest.fixture
def workspace_dirs(tmp_path: Path) -> WorkspaceDirs:
    """Empty videos/ and outputs/ of the test's own."""
    return WorkspaceDirs.made_in(tmp_path)


@pytest.fixture(scope="session")
def server_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerPool]:
    """Running servers with the default options, in float32, for tests that need no own one."""
    pool = ServerPool(tmp_path_factory.mktemp("servers"))
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def small_clip() -> Clip:
    """Twelve drawn frames with the truth of every mask."""
    return make_clip(SMALL)


@pytest.fixture(scope="session")
def demo_clip(small_clip: Clip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same twelve frames as a video file."""
    path = tmp_path_factory.mktemp("clip") / "tools.mp4"
    write_video(path, small_clip.frames_thwc, small_clip.spec.fps)
    return path


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    return processes.free_port()


def _threads() -> set[threading.Thread]:
    # tqdm, which sam2 uses, keeps one watcher for the life of the process
    return {thread for thread in threading.enumerate() if type(thread).__name__ != "TMonitor"}


def _wait_for_none(left: Callable[[], set[T]]) -> set[T]:
    until_s = time.monotonic() + GRACE_S
    while (found := left()) and time.monotonic() < until_s:
        time.sleep(0.01)
    return found
