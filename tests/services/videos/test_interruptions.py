"""Extraction may be overtaken, stopped or killed and ends the same."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sam2_session.core.events import Event
from sam2_session.services.videos.info import VideoState
from sam2_session.storage.workspace import Workspace
from tests.clips import make_clip
from tests.video_steps import Starter, open_until_ready, wait_until


def test_the_video_somebody_opens_goes_first(
    workspace: Workspace,
    start: Starter,
    events: list[Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_clip(workspace.videos_dir / "long.mp4", frames=300)
    make_clip(workspace.videos_dir / "short.mp4", frames=5)
    go, frame_path = threading.Event(), Workspace.frame_path

    def held(place: Workspace, video_id: str, frame_idx: int) -> Path:
        assert (video_id, frame_idx) != ("long", 200) or go.wait(120)
        return frame_path(place, video_id, frame_idx)

    monkeypatch.setattr(Workspace, "frame_path", held)
    service = start()
    service.open("long")
    wait_until(lambda: service.info("long").extracted > 0)

    service.open("short")
    go.set()
    wait_until(lambda: service.info("short").state is VideoState.READY)

    wait_until(lambda: service.info("long").state is VideoState.READY)
    ready = [event.data["video_id"] for event in events if event.data["state"] == "ready"]
    assert list(dict.fromkeys(ready)) == ["short", "long"]
    assert service.info("long").num_frames == 300


def test_a_stopped_extraction_goes_on_at_the_next_start(
    workspace: Workspace, start: Starter
) -> None:
    make_clip(workspace.videos_dir / "a.mp4", frames=600)
    service = start()
    service.open("a")
    wait_until(lambda: service.info("a").extracted > 20)

    service = start()

    assert service.info("a").extracted > 20
    wait_until(lambda: service.info("a").state is VideoState.READY)
    assert len(service.frame_table("a")["frames"]) == 600


KILLED = """
import pathlib, sys, time
from sam2_session.core.events import EventBus
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.workspace import Workspace
service = VideoService(Workspace(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])), EventBus())
service.start()
service.open("a")
print("open", flush=True)
time.sleep(60)
"""


def test_a_killed_extraction_ends_the_same_as_one_that_was_left_alone(
    workspace: Workspace, start: Starter
) -> None:
    make_clip(workspace.videos_dir / "a.mp4", frames=400, b_frames=2)
    make_clip(workspace.videos_dir / "b.mp4", frames=400, b_frames=2)
    args = [sys.executable, "-c", KILLED, str(workspace.videos_dir), str(workspace.outputs_dir)]
    for delay_s in (0.0, 0.05, 0.1):
        with subprocess.Popen(args, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay_s)
            os.kill(process.pid, signal.SIGKILL)
    service = start()
    for video_id in ("a", "b"):
        open_until_ready(service, video_id)

    assert service.frame_table("a")["frames"] == service.frame_table("b")["frames"]
    first, second = (sorted(workspace.frames_dir(video_id).iterdir()) for video_id in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


FATAL = """
import os, pathlib, signal, sys
from sam2_session.storage.attempts import reading
from sam2_session.storage.workspace import Workspace
with reading(Workspace(pathlib.Path(), pathlib.Path(sys.argv[1])), "a", 0):
    os.kill(os.getpid(), signal.SIGKILL)  # stands in for a decoder that crashes
"""


def test_a_file_that_keeps_killing_its_reader_is_left_alone(
    workspace: Workspace, start: Starter
) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    wait_until(lambda: service.info("a").width > 0)
    for _ in range(5):
        subprocess.run([sys.executable, "-c", FATAL, str(workspace.outputs_dir)], check=False)

    for _ in range(2):
        failed = start().open("a")
        assert failed["error"]["message"].startswith("Reading a.mp4 ended the program 5 times")

    workspace.attempt_path("a").unlink()
    open_until_ready(start(), "a")
