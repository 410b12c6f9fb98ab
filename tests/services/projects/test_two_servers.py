"""Two servers on one outputs folder do not spoil each other's work."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sam2_session.core.errors import BatchNotFound, Conflict, StorageFailed
from sam2_session.core.events import EventBus
from sam2_session.services.batches.book import BatchBook, new_items
from sam2_session.services.batches.records import ItemMarks
from sam2_session.services.projects.class_book import ClassBook
from sam2_session.services.projects.region_book import RegionBook
from sam2_session.services.projects.regions import Region
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.batch_files import BatchFiles
from sam2_session.storage.lock import VideoLock
from sam2_session.storage.workspace import Workspace
from tests.clips import make_clip
from tests.video_steps import open_until_ready


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "videos").mkdir()
    (tmp_path / "outputs").mkdir()
    return Workspace(tmp_path / "videos", tmp_path / "outputs")


@pytest.fixture
def videos(workspace: Workspace) -> Iterator[VideoService]:
    make_clip(workspace.videos_dir / "a.mp4")
    service = VideoService(workspace, EventBus())
    service.start()
    open_until_ready(service, "a")
    yield service
    service.close()


def test_a_video_that_another_server_has_open_is_not_deleted(
    workspace: Workspace, videos: VideoService
) -> None:
    other = VideoLock(workspace.lock_path("a"))

    with pytest.raises(Conflict, match="Another server is writing to a"):
        videos.delete("a")

    assert [video["video_id"] for video in videos.list()] == ["a"]
    assert workspace.frame_path("a", 0).is_file()
    other.release()
    trash_id = videos.delete("a")
    assert videos.restore(trash_id)["state"] == "ready"


def test_a_video_that_fails_to_close_stays_in_the_list(videos: VideoService) -> None:
    def close() -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        videos.delete("a", close)

    assert [video["state"] for video in videos.list()] == ["ready"]


def test_regions_and_classes_of_both_are_kept(workspace: Workspace) -> None:
    configured = (Region("overall", "Overall"),)
    ours, theirs = RegionBook(workspace, configured), RegionBook(workspace, configured)
    our_classes, their_classes = ClassBook(workspace, ()), ClassBook(workspace, ())

    ours.add("Shaft")
    theirs.add("Jaw")
    our_classes.add("forceps")
    their_classes.add("needle")

    assert [region.name for region in theirs.all] == ["overall", "shaft", "jaw"]
    with pytest.raises(Conflict):
        ours.add("Jaw")
    assert their_classes.all == ("forceps", "needle")


def test_marks_of_both_in_one_batch_are_kept(workspace: Workspace) -> None:
    ours, theirs = BatchBook(BatchFiles(workspace)), BatchBook(BatchFiles(workspace))
    batch_id = ours.add("both", 1.0, items=new_items(["a", "b"])).batch_id
    theirs.load()

    ours.mark(batch_id, 1, saved=True)
    theirs.mark(batch_id, 2, skipped=True)
    ours.mark_video(batch_id, "a", note="seen")

    found = BatchBook(BatchFiles(workspace))
    found.load()
    marks = [item.marks for item in found.get(batch_id).items]
    assert marks == [ItemMarks(saved=True, note="seen"), ItemMarks(skipped=True)]
    assert theirs.add("both", 2.0).batch_id == "both-2"
    theirs.remove(batch_id)
    with pytest.raises(BatchNotFound):
        ours.mark(batch_id, 1, saved=False)


def test_a_damaged_batch_is_written_anew_from_what_is_known(workspace: Workspace) -> None:
    book = BatchBook(BatchFiles(workspace))
    batch_id = book.add("both", 1.0, items=new_items(["a"])).batch_id
    (workspace.batch_dir(batch_id) / "batch.json").write_text("[[[")

    book.mark(batch_id, 1, saved=True)

    found = BatchBook(BatchFiles(workspace))
    found.load()
    assert found.get(batch_id).items[0].marks.saved


def test_a_file_system_without_locks_says_what_is_wrong(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    workspace.video_dir("a").mkdir()

    with pytest.raises(StorageFailed, match="may have no locks"):
        VideoLock(workspace.lock_path("a"))
    with pytest.raises(StorageFailed, match="may have no locks"):
        RegionBook(workspace, (Region("overall", "Overall"),)).add("Shaft")
