"""A file that crashes, hangs or fills its decoder fails alone, in seconds and by name."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import zipfile

import cv2
import numpy as np
import pytest

from sam2_session.core.errors import UnsupportedVideo
from sam2_session.runtime import usable_cores
from sam2_session.services.decoding.decoders import Decoders
from sam2_session.services.decoding.fork_client import ForkClient
from sam2_session.services.videos.info import VideoState
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.workspace import Workspace
from tests import processes
from tests.clips import make_clip
from tests.import_graph import ROOT
from tests.services.videos.hostile_forks import (
    HOSTILE,
    decoder_pids,
    server_pids,
    signal_decoders,
    wait_until_halted,
)
from tests.video_steps import WAIT_S, Starter, open_until_ready, wait_until

STALL_S = 3.0
FRAMES = 30


@pytest.fixture
def decoders(forks: ForkClient) -> Decoders:
    return Decoders(forks, stall_s=STALL_S)


def begin_and_halt(workspace: Workspace, service: VideoService) -> None:
    """Begin to extract `halts`, up to where its decoder stops itself."""
    make_clip(workspace.videos_dir / "halts.mp4", frames=FRAMES)
    service.open("halts")
    wait_until_halted(service, "halts")


@pytest.mark.parametrize(
    ("number", "reason"), [(signal.SIGSEGV, "(SIGSEGV)"), (None, "got nowhere for 3 s")]
)
def test_a_decoder_that_dies_or_stops_fails_its_file_alone(
    workspace: Workspace,
    start: Starter,
    decoders: Decoders,
    number: signal.Signals | None,
    reason: str,
) -> None:
    service = start(decoders=decoders)
    begin_and_halt(workspace, service)
    if number:
        signal_decoders(number)
        signal_decoders(signal.SIGCONT)

    wait_until(lambda: service.info("halts").state is VideoState.FAILED)

    error = service.info("halts").error
    assert error is not None
    assert error.message.startswith("Decoding halts.mp4")
    assert reason in error.message
    make_clip(workspace.videos_dir / "other.mp4")
    open_until_ready(service, "other")
    assert start(decoders=decoders).open("halts")["error"]["message"] == error.message


def test_what_failed_can_be_tried_again(
    workspace: Workspace, start: Starter, decoders: Decoders
) -> None:
    service = start(decoders=decoders)
    begin_and_halt(workspace, service)
    signal_decoders(signal.SIGKILL)
    wait_until(lambda: service.info("halts").state is VideoState.FAILED)

    assert service.try_again("halts")["error"] is None

    wait_until(lambda: service.info("halts").state is VideoState.READY)
    assert "problem" not in json.loads(workspace.video_json_path("halts").read_text())


@pytest.mark.parametrize("name", ["sleeps", "keeps_the_interpreter"])
def test_a_file_that_hangs_keeps_no_other_waiting(
    workspace: Workspace, start: Starter, decoders: Decoders, name: str
) -> None:
    make_clip(workspace.videos_dir / f"{name}.mp4")
    make_clip(workspace.videos_dir / "whole.mp4")
    service = start(decoders=decoders)

    open_until_ready(service, "whole")
    wait_until(lambda: service.info(name).state is VideoState.FAILED)

    assert f"{name}.mp4" in str(service.info(name).error)
    wait_until(lambda: not decoder_pids())


@pytest.mark.skipif(usable_cores() < 2, reason="as many at once as there are cores")
def test_several_videos_are_extracted_at_once(
    workspace: Workspace, start: Starter, forks: ForkClient
) -> None:
    names = ("halts_a", "halts_b")
    for name in names:
        make_clip(workspace.videos_dir / f"{name}.mp4", frames=FRAMES)
    service = start(decoders=Decoders(forks, stall_s=WAIT_S))
    for name in names:
        service.open(name)

    wait_until_halted(service, *names)  # each waits in its midst: neither waited for the other


def test_a_picture_that_fills_the_memory_fails_its_video(
    workspace: Workspace, start: Starter, forks: ForkClient
) -> None:
    encoded = cv2.imencode(".png", np.zeros((8192, 8192), np.uint8))[1]
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("1.png", encoded.tobytes())
    (workspace.videos_dir / "huge.zip").write_bytes(data.getvalue())
    service = start(decoders=Decoders(forks))

    wait_until(lambda: service.info("huge").state is VideoState.FAILED)

    assert str(service.info("huge").error) == "Decoding huge.zip takes too much memory."


def test_an_unknown_codec_is_refused_by_name(
    workspace: Workspace, start: Starter, decoders: Decoders
) -> None:
    clip = make_clip(workspace.videos_dir / "odd.mp4")
    clip.write_bytes(clip.read_bytes().replace(b"avc1", b"zzzz"))
    service = start(decoders=decoders)

    opened = service.open("odd")

    assert opened["state"] == "failed"
    assert "odd.mp4" in opened["error"]["message"]
    with pytest.raises(UnsupportedVideo, match="odd.mp4"):
        decoders.probe(clip, clip.name)


def test_a_fork_server_that_was_killed_is_replaced(
    workspace: Workspace, start: Starter, decoders: Decoders
) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    for pid in server_pids():
        os.kill(pid, signal.SIGKILL)
    service = start(decoders=decoders)

    open_until_ready(service, "a")

    processes.shared |= server_pids()


def test_the_end_of_the_fork_server_ends_its_decoders() -> None:
    client = ForkClient(HOSTILE)
    pid, peer = client.fork(0)

    with peer:
        client.close()

    wait_until(lambda: not processes.is_alive(pid))


def test_a_program_that_ends_leaves_no_decoders_behind() -> None:
    code = (
        "from sam2_session.services.decoding.fork_client import shared_fork_client\n"
        "print(shared_fork_client().fork(0)[0])"
    )
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "ResourceWarning: subprocess" not in ended.stderr
    assert not processes.is_alive(int(ended.stdout))
