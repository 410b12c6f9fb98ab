"""A video from the moment its file is there to the moment it is deleted."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from sam2_session.core.errors import (
    FrameNotExtracted,
    FrameNotFound,
    InvalidRequest,
    NotFound,
    TooLarge,
    UnsupportedVideo,
    VideoNotFound,
)
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.services.video_info import VideoState
from sam2_session.services.videos import VideoService
from sam2_session.storage.workspace import Workspace
from tests.clips import make_clip, not_a_video

Starter = Callable[[], VideoService]
GIB = 2**30
WAIT_S = 20.0


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

    def starter() -> VideoService:
        if running:
            running.pop().close()
        bus = EventBus()
        bus.subscribe(events.append)
        running.append(VideoService(workspace, bus))
        running[-1].start()
        return running[-1]

    yield starter
    for service in running:
        service.close()


def wait_until(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < until_s, "it did not come"
        time.sleep(0.01)


def open_until_ready(service: VideoService, video_id: str) -> None:
    service.open(video_id)
    wait_until(lambda: service.info(video_id).state is VideoState.READY)


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


def test_the_list_has_what_the_wire_wants(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "Clip one.mp4", rate=Fraction(30000, 1001))
    service = start()
    service.counts = lambda video_id: {"instances": 1, "prompted_frames": 0, "masks": 0}
    wait_until(lambda: service.info("Clip_one").width > 0)

    assert service.list() == [
        {
            "video_id": "Clip_one",
            "name": "Clip one.mp4",
            "num_frames": 12,
            "extracted": 0,
            "width": 96,
            "height": 64,
            "fps": 29.97003,
            "fps_fraction": "30000/1001",
            "duration_s": 0.4004,
            "state": "new",
            "error": None,
            "note": None,
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
    table = service.frame_table("a")

    assert [row["time_s"] for row in table["frames"]] == [0.0, 0.033, 0.1, 0.101]
    assert start().frame_table("a") == table


def test_a_frame_is_read_whole_or_scaled(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")

    assert service.read_frame("a", 3) == workspace.frame_path("a", 3).read_bytes()
    assert service.read_frame("a", 3, 500) == workspace.frame_path("a", 3).read_bytes()
    small = cv2.imdecode(np.frombuffer(service.read_frame("a", 3, 48), np.uint8), 1)
    assert small is not None
    assert small.shape == (32, 48, 3)
    assert service.read_frame("a", 3, 48) == service.read_frame("a", 3, 48)


@pytest.mark.parametrize("width", [0, -1, 9000, True])
def test_a_width_out_of_range_is_refused(workspace: Workspace, start: Starter, width: int) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")
    with pytest.raises(InvalidRequest):
        service.read_frame("a", 0, width)


def test_frames_that_are_not_there_are_told_apart(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    wait_until(lambda: service.info("a").num_frames == 12)

    with pytest.raises(FrameNotExtracted):
        service.require_frame("a", 11)
    for frame_idx in (12, -1):
        with pytest.raises(FrameNotFound):
            service.require_frame("a", frame_idx)
    with pytest.raises(VideoNotFound):
        service.require_frame("../a", 0)


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


def test_the_video_somebody_opens_goes_first(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "long.mp4", frames=900)
    make_clip(workspace.videos_dir / "short.mp4", frames=5)
    service = start()
    service.open("long")
    wait_until(lambda: service.info("long").extracted > 0)

    open_until_ready(service, "short")

    assert service.info("long").state is VideoState.EXTRACTING
    wait_until(lambda: service.info("long").state is VideoState.READY)
    assert service.info("long").num_frames == 900


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
from sam2_session.services.videos import VideoService
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
    first, second = (sorted(workspace.frames_dir(one).iterdir()) for one in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_another_file_under_an_annotated_name_is_refused(
    workspace: Workspace, start: Starter
) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")
    workspace.instance_dir("a", 1).mkdir()
    make_clip(workspace.videos_dir / "a.mp4", frames=5)

    failed = service.list()[0]

    assert failed["state"] == "failed"
    assert failed["error"]["message"].startswith("a.mp4 is not the file it was")
    assert json.loads(workspace.video_json_path("a").read_text())["num_frames"] == 12
    assert start().list()[0]["state"] == "failed"


def test_another_file_under_an_untouched_name_is_taken(
    workspace: Workspace, start: Starter
) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")
    make_clip(workspace.videos_dir / "a.mp4", frames=5)

    service.open("a")

    wait_until(lambda: service.info("a").num_frames == 5)
    wait_until(lambda: service.info("a").state is VideoState.READY)
    assert len(list(workspace.frames_dir("a").iterdir())) == 5


def test_a_touched_file_is_the_same_file(workspace: Workspace, start: Starter) -> None:
    clip = make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")
    workspace.instance_dir("a", 1).mkdir()
    os.utime(clip, ns=(10**18, 10**18))

    assert service.list()[0]["state"] == "ready"

    def recorded() -> bool:
        data = json.loads(workspace.video_json_path("a").read_text())
        return data["source"]["mtime_ns"] == 10**18 and len(data["pts"]) == 12

    wait_until(recorded)


def test_a_file_of_the_same_size_with_other_content_is_another_file(
    workspace: Workspace, start: Starter
) -> None:
    clip = make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")
    workspace.instance_dir("a", 1).mkdir()
    content = bytearray(clip.read_bytes())
    content[-1] ^= 1
    clip.write_bytes(content)

    service.list()

    wait_until(lambda: service.info("a").state is VideoState.FAILED)


def test_extracted_frames_outlive_their_file(workspace: Workspace, start: Starter) -> None:
    clip = make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")
    clip.unlink()

    gone = start().list()[0]

    assert (gone["state"], gone["error"]) == ("ready", None)
    assert "is gone" in gone["note"]


def test_a_file_that_vanished_too_early_fails_until_it_is_back(
    workspace: Workspace, start: Starter
) -> None:
    clip = make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    wait_until(lambda: service.info("a").width > 0)
    hidden = clip.rename(clip.with_name(".a.mp4"))

    assert service.open("a")["state"] == "failed"

    hidden.rename(clip)
    open_until_ready(service, "a")


def test_an_upload_becomes_a_video(workspace: Workspace, start: Starter) -> None:
    service = start()
    upload = service.start_upload("../Été «1».MP4", GIB)
    part = make_clip(workspace.videos_dir / "x.mp4").rename(upload["path"])

    assert service.list() == []
    video = service.finish_upload(upload["upload_id"])

    assert (video["name"], video["video_id"]) == ("Été _1_.mp4", "Été_1")
    wait_until(lambda: service.info("Été_1").state is VideoState.READY)
    assert not part.exists()
    assert [path.name for path in workspace.videos_dir.iterdir()] == ["Été _1_.mp4"]


def test_a_second_upload_of_one_name_gets_a_name_of_its_own(
    workspace: Workspace, start: Starter
) -> None:
    service = start()
    for expected in ["a.mp4", "a (2).mp4", "a (3).mp4"]:
        upload = service.start_upload("a.mp4", GIB)
        make_clip(workspace.videos_dir / "x.mp4").rename(upload["path"])
        assert service.finish_upload(upload["upload_id"])["name"] == expected


def test_an_upload_that_is_no_video_is_refused_and_can_be_forgotten(
    workspace: Workspace, start: Starter
) -> None:
    service = start()
    upload = service.start_upload("a.mp4", GIB)
    not_a_video(Path(upload["path"]))

    with pytest.raises(UnsupportedVideo):
        service.finish_upload(upload["upload_id"])
    service.abort_upload(upload["upload_id"])

    assert list(workspace.videos_dir.iterdir()) == []
    assert service.list() == []


def test_an_upload_over_its_limit_is_refused(start: Starter) -> None:
    service = start()
    upload = service.start_upload("a.mp4", 10)
    Path(upload["path"]).write_bytes(b"x" * 11)
    with pytest.raises(TooLarge):
        service.finish_upload(upload["upload_id"])


@pytest.mark.parametrize("name", ["a.exe", "mp4", "", "a.mp4/", "a.html", "a.m3u8"])
def test_other_kinds_of_file_are_not_taken(start: Starter, name: str) -> None:
    with pytest.raises(UnsupportedVideo):
        start().start_upload(name, GIB)


@pytest.mark.parametrize("upload_id", ["../../x", "", "0" * 32, "a" * 31])
def test_an_unknown_upload_is_not_found(start: Starter, upload_id: str) -> None:
    with pytest.raises(NotFound):
        start().finish_upload(upload_id)


def test_an_upload_outlives_a_restart(workspace: Workspace, start: Starter) -> None:
    upload = start().start_upload("a.mp4", GIB)
    make_clip(workspace.videos_dir / "x.mp4").rename(upload["path"])
    assert start().finish_upload(upload["upload_id"])["name"] == "a.mp4"


def test_a_deleted_video_is_gone_but_not_destroyed(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "a.mp4", frames=900)
    service = start()
    service.open("a")
    wait_until(lambda: service.info("a").extracted > 0)

    service.delete("a")

    assert service.list() == []
    with pytest.raises(VideoNotFound):
        service.info("a")
    assert len(list(workspace.trash_dir.glob("a-*/a.mp4"))) == 1
    assert len(list(workspace.trash_dir.glob("a-*/a/frames/00001.jpg"))) == 1
    assert not workspace.video_dir("a").exists()


def test_a_name_is_free_again_after_its_video_was_deleted(
    workspace: Workspace, start: Starter
) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")
    service.delete("a")
    make_clip(workspace.videos_dir / "a.mp4", frames=3)
    open_until_ready(service, "a")
    assert service.info("a").num_frames == 3
