"""Extraction may be overtaken, stopped or killed and ends the same."""

import os
import signal
import subprocess
import sys
import time

from sam2_session.core.events import Event
from sam2_session.runtime import usable_cores
from sam2_session.services.decoding.decoders import Decoders
from sam2_session.services.decoding.fork_client import ForkClient
from sam2_session.services.videos.info import VideoState
from sam2_session.storage.workspace import Workspace
from tests.clips import make_clip
from tests.services.videos.hostile_forks import signal_decoders, wait_until_halted
from tests.video_steps import WAIT_S, Starter, open_until_ready, wait_until


def test_the_videos_somebody_opens_go_first(
    workspace: Workspace, start: Starter, events: list[Event], forks: ForkClient
) -> None:
    names = [f"halts{number}" for number in range(usable_cores())]
    for name in names:
        make_clip(workspace.videos_dir / f"{name}.mp4", frames=30)
    make_clip(workspace.videos_dir / "short.mp4", frames=5)
    service = start(decoders=Decoders(forks, stall_s=WAIT_S))
    for name in names:
        service.open(name)
    wait_until_halted(service, *names)

    service.open("short")
    wait_until(lambda: service.info("short").state is VideoState.READY)

    def are_ready() -> bool:
        signal_decoders(signal.SIGCONT)
        return all(service.info(name).state is VideoState.READY for name in names)

    wait_until(are_ready)
    ready = [event.data["video_id"] for event in events if event.data["state"] == "ready"]
    assert ready[0] == "short"
    assert {service.info(name).num_frames for name in names} == {30}


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
    assert len(service.frames.times("a")["frames"]) == 600


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

    assert service.frames.times("a")["frames"] == service.frames.times("b")["frames"]
    first, second = (sorted(workspace.frames_dir(video_id).iterdir()) for video_id in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
