"""Files that change, vanish, come back or are deleted never mix up frames."""

import json
import os

import pytest

from sam2_session.core.errors import (
    VideoNotFound,
)
from sam2_session.services.videos.info import VideoState
from sam2_session.storage.database import Database
from sam2_session.storage.workspace import Workspace
from tests.clips import make_clip, not_a_video
from tests.video_steps import Starter, open_until_ready, wait_until


def test_another_file_under_an_annotated_name_is_refused(
    workspace: Workspace, start: Starter
) -> None:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")
    workspace.instance_dir("a", 1).mkdir()
    make_clip(workspace.videos_dir / "a.mp4", frames=5)

    assert service.list()[0]["state"] != "ready"
    wait_until(lambda: service.info("a").state is VideoState.FAILED)
    error = service.info("a").error
    assert error
    assert error.message.startswith("a.mp4 is not the file it was")
    assert json.loads(workspace.video_json_path("a").read_text())["num_frames"] == 12
    again = start()
    wait_until(lambda: again.info("a").state is VideoState.FAILED)


def test_a_file_that_is_still_being_copied_is_waited_for(
    workspace: Workspace, start: Starter
) -> None:
    content = make_clip(workspace.videos_dir / "whole.mp4").read_bytes()
    with (workspace.videos_dir / "a.mp4").open("wb") as file:
        file.write(content[:1500])
        file.flush()
        service = start()
        opened = service.open("a")
        file.write(content[1500:])

    assert (opened["state"], opened["error"]) == ("extracting", None)
    assert opened["note"].startswith("The file is still being written")
    wait_until(lambda: service.info("a").state is VideoState.READY)
    assert service.info("a").num_frames == 12


def test_a_broken_file_that_was_opened_is_read_anew_once_replaced(
    workspace: Workspace, start: Starter
) -> None:
    not_a_video(workspace.videos_dir / "a.mp4")
    service = start()
    service.open("a")
    wait_until(lambda: service.info("a").state is VideoState.FAILED)
    Database(workspace.database_path("a")).close()  # as opening the video on the page does
    make_clip(workspace.videos_dir / "a.mp4", frames=7)

    open_until_ready(service, "a")

    assert service.info("a").num_frames == 7


def test_a_file_of_unknown_kind_is_listed_with_the_reason(
    workspace: Workspace, start: Starter
) -> None:
    not_a_video(workspace.videos_dir / "scan.dcm")
    service = start()
    service.list()
    wait_until(lambda: service.info("scan").state is VideoState.FAILED)
    error = service.info("scan").error
    assert error
    assert error.message == "scan.dcm cannot be read as a video."
    assert "ffmpeg" in error.hint


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


@pytest.mark.parametrize("damage", ["monstrous", "deeply nested"])
def test_a_strange_video_json_concerns_its_video_alone(
    workspace: Workspace, start: Starter, damage: str
) -> None:
    for name in ("a", "b"):
        make_clip(workspace.videos_dir / f"{name}.mp4")
    open_until_ready(start(), "a")
    path = workspace.video_json_path("a")
    path.write_bytes(b'{"source":' + b"[" * 500_000)
    if damage == "monstrous":
        os.truncate(path, 2**40)

    service = start()

    open_until_ready(service, "a")
    open_until_ready(service, "b")
    assert [video["video_id"] for video in service.list()] == ["a", "b"]
