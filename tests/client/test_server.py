"""The client against a live server: the same masks as without one, and what a kill does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sam2_session import Client
from sam2_session.client.workspaces import Workspace
from sam2_session.core.types import BoolMask
from sam2_session.errors import (
    Conflict,
    HostUnavailable,
    InvalidRequest,
    MaskNotFound,
    Unauthorized,
    VideoNotFound,
)
from sam2_session.services.operations.operation import Operation
from tests.annotating import BODY, DISC, SIZE, make_moving_clip
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer
from tests.client.workspaces import small_studio
from tests.workspace_dirs import WorkspaceDirs

TOKEN = "s3cret"
LONG = 40  # frames: enough to be in the midst of a run


@pytest.fixture
def server(server_pool: ServerPool) -> Iterator[LiveServer]:
    """A server without any video."""
    with server_pool.lend() as server:
        yield server


@pytest.fixture(scope="module")
def locked_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that wants its token."""
    folder = tmp_path_factory.mktemp("locked")
    dirs = WorkspaceDirs.made_in(folder / "served")
    with LiveServer(dirs, folder / "server.log", token=TOKEN) as server:
        yield server


def annotate(workspace: Workspace, clip: Path) -> dict[str, dict[int, BoolMask]]:
    """Clicks, a box, a mask by hand, an undo and a run: every mask by pair and frame."""
    video = workspace.video(clip)
    body, disc = video.instance(1)["gripper"], video.add_instance()["shaft"]
    body.click(*BODY, frame=0)
    body.click(*DISC, frame=0, label=0)
    disc.box(110, 50, 150, 90, frame=2)
    disc.click(10, 10, frame=2)
    disc.undo(2)
    drawn = np.zeros((SIZE[1], SIZE[0]), np.bool_)
    drawn[50:90, 100:140] = True
    disc.put_mask(drawn, frame=6)
    steps = {step.frame_idx: step.mask for step in body.propagate()}
    video.propagate([disc], direction="both").wait()
    return {
        "steps": steps,
        "body": body.masks(),
        "disc": disc.masks(3, 99),
        "none": disc.masks(5, 4),
    }


def test_a_server_and_a_studio_give_equal_masks(
    server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_moving_clip(tmp_path / "clip.mp4")
    called: list[str] = []

    with Client(server.url) as client:
        call = client.connection.call

        def noted(operation: Operation[Any], /, **fields: Any) -> Any:
            called.append(operation.name)
            return call(operation, **fields)

        monkeypatch.setattr(client.connection, "call", noted)
        over_http = annotate(client, clip)
    with small_studio(tmp_path / "studio") as studio:
        in_process = annotate(studio, clip)

    assert {name: sorted(masks) for name, masks in over_http.items()} == {
        "steps": list(range(12)), "body": list(range(12)), "disc": list(range(3, 12)), "none": [],
    }  # fmt: skip
    for name, masks in over_http.items():
        assert sorted(in_process[name]) == sorted(masks)
        assert all((masks[idx] == in_process[name][idx]).all() for idx in masks), name
    assert called.count("get_job") <= 2 * 3  # of two runs: begun, not ended yet, listened to


def test_errors_have_their_class_and_hint(locked_server: LiveServer, tmp_path: Path) -> None:
    clip = make_moving_clip(tmp_path / "clip.mp4")
    with Client(locked_server.url, "wrong") as stranger, pytest.raises(Unauthorized, match="token"):
        stranger.videos()
    with Client(f"{locked_server.url}/#t={TOKEN}") as client:
        with pytest.raises(MaskNotFound) as caught:
            client.video(clip).instance(1)["gripper"].mask(3)
        with pytest.raises(VideoNotFound):
            client.video("nothing/there.mp4")
        with pytest.raises(InvalidRequest, match="not in REST"):
            client.call("look_at", video_id="clip", frame_idx=0)
        made = client.video("clip").export("label_studio", tmp_path / "out.json")

    assert (caught.value.code, caught.value.hint) == (
        "mask_not_found",
        "Click on it, or propagate.",
    )
    assert made.path.stat().st_size == made.bytes > 0


def test_a_server_that_goes_away_is_said_so(locked_server: LiveServer, tmp_path: Path) -> None:
    with Client(locked_server.url, TOKEN, patience_s=0.5) as client:
        client.videos()
        locked_server.kill()

        with pytest.raises(HostUnavailable, match="cannot be reached"):
            client.videos()


def test_a_run_is_followed_over_a_kill_of_the_server(server: LiveServer, tmp_path: Path) -> None:
    clip = make_moving_clip(tmp_path / "clip.mp4", LONG)
    with Client(server.url, patience_s=600) as client:
        pair = client.video(clip).instance(1)["gripper"]
        pair.click(*BODY, frame=0)
        run = pair.propagate()
        frames = [next(run).frame_idx]
        server.kill()
        again = threading.Thread(target=server.start)
        again.start()
        frames += [step.frame_idx for step in run]
        again.join()

        assert frames == list(range(LONG))
        assert sorted(pair.masks()) == frames


def test_a_studio_leaves_a_video_to_the_server_that_has_it(
    server: LiveServer, tmp_path: Path
) -> None:
    clip = make_moving_clip(tmp_path / "clip.mp4")
    with Client(server.url) as client:
        client.video(clip).instance(1)["shaft"].click(*BODY, frame=0)

        with small_studio(server.dirs.videos.parent) as studio, pytest.raises(Conflict) as caught:
            studio.video("clip").instance(1)["shaft"].click(*BODY, frame=0)

    assert "another" in caught.value.message.lower() + caught.value.hint.lower()
