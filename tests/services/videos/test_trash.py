"""A deleted video comes back whole, or not at all."""

from __future__ import annotations

import pytest

from sam2_session.core.errors import Conflict, NotFound, VideoNotFound
from sam2_session.core.events import Event
from sam2_session.services.videos.info import VideoState
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.workspace import Workspace
from tests.clips import make_clip
from tests.video_steps import Starter, wait_until


@pytest.fixture
def service(workspace: Workspace, start: Starter) -> VideoService:
    make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    service.open("a")
    wait_until(lambda: service.info("a").state is VideoState.READY)
    return service


def test_a_deleted_video_comes_back_with_its_frames(
    service: VideoService, workspace: Workspace
) -> None:
    before = service.to_wire("a")
    trash_id = service.delete("a")
    gone = service.list()
    back = service.restore(trash_id)

    assert (gone, back) == ([], before)
    assert service.list() == [before]
    assert workspace.frame_path("a", 0).is_file()
    assert list(workspace.trash_dir.iterdir()) == []


def test_everybody_hears_of_a_deletion_and_of_the_return(
    service: VideoService, events: list[Event]
) -> None:
    wait_until(lambda: bool(events) and events[-1].data["state"] == "ready")
    events.clear()
    trash_id = service.delete("a")
    service.restore(trash_id)

    deleted, back = [event for event in events if event.name != "trash_changed"]
    assert (deleted.name, deleted.video_id) == ("video_deleted", None)
    assert deleted.data == {"video_id": "a", "name": "a.mp4", "trash_id": trash_id, "by": None}
    assert (back.name, back.data["state"]) == ("video_progress", "ready")


def test_a_restored_video_is_ready_after_a_restart(service: VideoService, start: Starter) -> None:
    service.restore(service.delete("a"))

    assert [video["state"] for video in start().list()] == ["ready"]


def test_a_name_taken_meanwhile_is_not_overwritten(
    service: VideoService, workspace: Workspace
) -> None:
    trash_id = service.delete("a")
    make_clip(workspace.videos_dir / "a.mp4", frames=3)

    with pytest.raises(Conflict):
        service.restore(trash_id)
    assert (workspace.trash_dir / trash_id / "a" / "video.json").is_file()


@pytest.mark.parametrize("trash_id", ["a-00000000", "../a-1", "", ".", "a", "a/../a-1"])
def test_what_is_not_in_the_trash_does_not_come_back(service: VideoService, trash_id: str) -> None:
    with pytest.raises((NotFound, VideoNotFound)):
        service.restore(trash_id)
