"""A file that crashes, hangs or fills its decoder fails alone, in seconds and by name."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

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
from tests.video_steps import Starter, open_until_ready, wait_until

STALL_S = 1.0
LONG = 1200  # frames
HOSTILE = (sys.executable, "-m", "tests.services.videos.hostile_decoder")


@pytest.fixture(scope="module")
def forks() -> Iterator[ForkClient]:
    """One fork server, of decoders that hang on some names."""
    client = ForkClient(HOSTILE)
    end_decoder(client)
    processes.shared |= server_pids()
    yield client
    client.close()


def end_decoder(client: ForkClient) -> None:
    """Start a decoder, and let it see that nobody talks to it."""
    _, peer = client.fork(0)
    peer.close()


@pytest.fixture
def decoders(forks: ForkClient) -> Decoders:
    return Decoders(forks, stall_s=STALL_S)


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip whose extraction takes long enough to meddle with it."""
    return make_clip(tmp_path_factory.mktemp("clip") / "long.mp4", frames=LONG)


def server_pids() -> set[int]:
    return {pid for pid, line in processes.children().items() if "hostile_decoder" in line}


def decoder_pids() -> set[int]:
    return {pid for server in server_pids() for pid in processes.child_pids(server)}


def begin_long(workspace: Workspace, service: VideoService, number: signal.Signals) -> None:
    """Begin to extract `long`, and send its decoder a signal in its midst."""
    service.open("long")
    wait_until(lambda: service.info("long").extracted > 5)
    for pid in decoder_pids():
        os.kill(pid, number)


@pytest.mark.parametrize(
    ("number", "reason"), [(signal.SIGSEGV, "(SIGSEGV)"), (signal.SIGSTOP, "got nowhere for 1 s")]
)
def test_a_decoder_that_dies_or_stops_fails_its_file_alone(
    workspace: Workspace,
    start: Starter,
    decoders: Decoders,
    long_clip: Path,
    number: signal.Signals,
    reason: str,
) -> None:
    shutil.copy(long_clip, workspace.videos_dir)
    service = start(decoders=decoders)
    wait_until(lambda: service.info("long").extracted == 1)
    begin_long(workspace, service, number)

    wait_until(lambda: service.info("long").state is VideoState.FAILED)

    error = service.info("long").error
    assert error is not None
    assert error.message.startswith("Decoding long.mp4")
    assert reason in error.message
    make_clip(workspace.videos_dir / "other.mp4")
    open_until_ready(service, "other")
    assert start(decoders=decoders).open("long")["error"]["message"] == error.message


def test_what_failed_can_be_tried_again(
    workspace: Workspace, start: Starter, decoders: Decoders, long_clip: Path
) -> None:
    shutil.copy(long_clip, workspace.videos_dir)
    service = start(decoders=decoders)
    wait_until(lambda: service.info("long").extracted == 1)
    begin_long(workspace, service, signal.SIGKILL)
    wait_until(lambda: service.info("long").state is VideoState.FAILED)

    assert service.try_again("long")["error"] is None

    reached = service.info("long").extracted
    wait_until(lambda: service.info("long").extracted > reached)
    assert "problem" not in json.loads(workspace.video_json_path("long").read_text())


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
    workspace: Workspace, start: Starter, decoders: Decoders, long_clip: Path
) -> None:
    for name in ("a", "b"):
        shutil.copy(long_clip, workspace.videos_dir / f"{name}.mp4")
    service = start(decoders=decoders)
    for name in ("a", "b"):
        service.open(name)

    wait_until(lambda: all(1 < service.info(name).extracted < LONG for name in ("a", "b")))


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
