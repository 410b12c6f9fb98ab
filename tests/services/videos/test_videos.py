"""A video from the moment its file is there to the moment every frame is."""

import json
import subprocess
from fractions import Fraction

import cv2
import numpy as np
import pytest

from sam2_session.core.errors import (
    FrameNotExtracted,
    FrameNotFound,
    InvalidRequest,
    VideoNotFound,
)
from sam2_session.core.events import Event, EventName
from sam2_session.services.videos.info import VideoState
from sam2_session.storage.workspace import Workspace
from tests.clips import make_clip, not_a_video
from tests.video_steps import Starter, open_until_ready, wait_until


def test_opening_tells_the_size_and_extracts_every_frame(
    workspace: Workspace, start: Starter, events: list[Event]
) -> None:
    make_clip(workspace.videos_dir / "a.mp4", frames=20, rate=Fraction(30000, 1001))
    service = start()

    opened = service.open("a")

    assert (opened["width"], opened["height"], opened["num_frames"]) == (96, 64, 20)
    wait_until(lambda: service.info("a").state is VideoState.READY)
    assert sorted(path.name for path in workspace.frames_dir("a").iterdir()) == [
        f"{number:05d}.jpg" for number in range(1, 21)
    ]
    wait_until(lambda: bool(events) and events[-1].data["state"] == "ready")
    assert {event.name for event in events} == {EventName.VIDEO_PROGRESS}
    assert events[-1].data["extracted"] == 20


def test_a_video_that_nobody_opened_shows_its_first_frame(
    workspace: Workspace, start: Starter
) -> None:
    make_clip(workspace.videos_dir / "a.mp4", frames=40)
    service = start()
    wait_until(lambda: service.info("a").extracted > 0)

    assert service.frames.read("a", 0, width=32).startswith(b"\xff\xd8")
    assert service.info("a").state is VideoState.NEW
    assert len(list(workspace.frames_dir("a").iterdir())) < 10


def test_a_file_put_there_since_is_found_by_its_id(workspace: Workspace, start: Starter) -> None:
    service = start()
    with pytest.raises(VideoNotFound):
        service.info("late")

    make_clip(workspace.videos_dir / "late.mp4")

    assert service.info("late").state is VideoState.NEW


def test_the_list_has_what_the_wire_wants(workspace: Workspace, start: Starter) -> None:
    path = workspace.videos_dir / "Clip one.mp4"
    make_clip(path, rate=Fraction(30000, 1001))
    service = start(counts=lambda _: {"instances": 1, "prompted_frames": 0, "masks": 0})
    wait_until(lambda: service.info("Clip_one").extracted > 0)

    assert service.list() == [
        {
            "video_id": "Clip_one",
            "name": "Clip one.mp4",
            "num_frames": 12,
            "extracted": 1,
            "width": 96,
            "height": 64,
            "fps": 29.97003,
            "fps_fraction": "30000/1001",
            "duration_s": 0.4004,
            "state": "new",
            "error": None,
            "note": None,
            "source": None,
            "version": json.loads(workspace.video_json_path("Clip_one").read_text())["edition"],
            "demo": False,
            "bytes": path.stat().st_size,
            "sha256": None,
            "pixel_aspect": "1/1",
            "counts": {"instances": 1, "prompted_frames": 0, "masks": 0},
        }
    ]


def test_video_json_is_exact(workspace: Workspace, start: Starter) -> None:
    clip = make_clip(workspace.videos_dir / "a.mkv", pts=[0, 40, 45, 300], frames=4)
    open_until_ready(start(), "a")

    data = json.loads(workspace.video_json_path("a").read_text())

    digest = subprocess.check_output(["sha256sum", clip], text=True).split()[0]
    assert data["source"]["sha256"] == digest
    assert data["pts"] == [0, 40, 45, 300]
    assert (data["time_base"], data["fps"], data["num_frames"]) == ("1/1000", "10/1", 4)
    assert (data["schema_version"], data["complete"]) == (1, True)


def test_the_frame_table_is_the_same_after_a_restart(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "a.mp4", pts=[0, 33, 100, 101], frames=4)
    service = start()
    open_until_ready(service, "a")
    table = service.frames.times("a")

    assert [row["time_s"] for row in table["frames"]] == [0.0, 0.033, 0.1, 0.101]
    assert start().frames.times("a") == table


def test_a_frame_is_read_whole_or_scaled(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")

    assert service.frames.read("a", 3) == workspace.frame_path("a", 3).read_bytes()
    assert service.frames.read("a", 3, 500) == workspace.frame_path("a", 3).read_bytes()
    small = cv2.imdecode(np.frombuffer(service.frames.read("a", 3, 48), np.uint8), 1)
    assert small is not None
    assert small.shape == (32, 48, 3)
    assert service.frames.read("a", 3, 48) == service.frames.read("a", 3, 48)


@pytest.mark.parametrize("width", [0, -1, 9000, True])
def test_a_width_out_of_range_is_refused(workspace: Workspace, start: Starter, width: int) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")
    with pytest.raises(InvalidRequest):
        service.frames.read("a", 0, width)


def test_frames_that_are_not_there_are_told_apart(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    wait_until(lambda: service.info("a").num_frames == 12)

    with pytest.raises(FrameNotExtracted):
        service.frames.path("a", 11)
    for frame_idx in (12, -1):
        with pytest.raises(FrameNotFound):
            service.frames.path("a", frame_idx)
    with pytest.raises(VideoNotFound):
        service.frames.path("../a", 0)


def test_a_broken_file_fails_with_a_reason_and_harms_no_other(
    workspace: Workspace, start: Starter
) -> None:
    not_a_video(workspace.videos_dir / "a.mp4")
    make_clip(workspace.videos_dir / "b.mp4")
    service = start()

    opened = service.open("a")

    assert opened["state"] == "failed"
    assert opened["error"]["code"] == "unsupported_video"
    open_until_ready(service, "b")


def test_the_frame_table_can_be_read_at_any_moment(workspace: Workspace, start: Starter) -> None:
    for number in range(8):
        make_clip(workspace.videos_dir / f"{number}.mp4", frames=10)
    service = start()

    for number in range(8):
        service.open(str(number))
        while service.info(str(number)).state is not VideoState.READY:
            assert len(service.frames.times(str(number))["frames"]) <= 10
