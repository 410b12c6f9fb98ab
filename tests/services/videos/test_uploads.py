"""An upload becomes a video under a safe name, or leaves nothing behind."""

from pathlib import Path

import pytest

from sam2_session.core.errors import (
    NotFound,
    TooLarge,
    UnsupportedVideo,
)
from sam2_session.services.videos.info import VideoState
from sam2_session.storage.workspace import Workspace
from tests.clips import make_clip, not_a_video
from tests.video_steps import Starter, wait_until

GIB = 2**30


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
    with pytest.raises(UnsupportedVideo) as refusal:
        start().start_upload(name, GIB)
    assert "ffmpeg" in refusal.value.hint


@pytest.mark.parametrize("upload_id", ["../../x", "", "0" * 32, "a" * 31])
def test_an_unknown_upload_is_not_found(start: Starter, upload_id: str) -> None:
    with pytest.raises(NotFound):
        start().finish_upload(upload_id)


def test_an_upload_outlives_a_restart(workspace: Workspace, start: Starter) -> None:
    upload = start().start_upload("a.mp4", GIB)
    make_clip(workspace.videos_dir / "x.mp4").rename(upload["path"])
    assert start().finish_upload(upload["upload_id"])["name"] == "a.mp4"


def test_a_broken_upload_is_called_by_its_own_name(start: Starter) -> None:
    service = start()
    upload = service.start_upload("holiday film.mp4", 10**6)
    Path(upload["path"]).write_bytes(b"this is no video")

    with pytest.raises(UnsupportedVideo, match=r"holiday film\.mp4"):
        service.finish_upload(upload["upload_id"])
