"""Videos are recovered in the background, and before anybody uses them."""

from __future__ import annotations

import shutil
import threading

import pytest

from sam2_session.core.types import SessionKey
from sam2_session.services.build import build_services
from sam2_session.services.recovery import recovery
from sam2_session.services.recovery.backlog import RecoveryBacklog
from sam2_session.settings import Settings
from sam2_session.storage.workspace import Workspace
from tests.networks import built_once

COPIES = [f"copy{number}" for number in range(12)]


def test_who_needs_a_video_recovers_it_first() -> None:
    backlog, done = RecoveryBacklog(), list[tuple[str, int]]()
    backlog.put(["a", "b"], lambda video_id: done.append((video_id, threading.get_ident())))
    backlog.require("b")
    backlog.require("b")
    backlog.require("unknown")

    assert done == [("b", threading.get_ident())]
    assert not backlog.wait_until_empty(0)


def test_others_wait_for_the_thread_that_recovers() -> None:
    backlog, begun, go_on, seen = RecoveryBacklog(), threading.Event(), threading.Event(), []

    def recover(video_id: str) -> None:
        backlog.require(video_id)  # it uses the video itself
        begun.set()
        go_on.wait()
        seen.append("recovered")

    def use() -> None:
        backlog.require("a")
        seen.append("used")

    backlog.put(["a"], recover)
    threads = [threading.Thread(target=backlog.require, args=("a",))]
    threads[0].start()
    begun.wait()
    threads.append(threading.Thread(target=use))
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join()

    assert seen == ["recovered", "used"]
    assert backlog.wait_until_empty(0)


def test_a_video_that_cannot_be_recovered_keeps_nobody_waiting() -> None:
    def recover(_: str) -> None:
        raise OSError("the disk")

    backlog = RecoveryBacklog()
    backlog.put(["a"], recover)
    with pytest.raises(OSError, match="the disk"):
        backlog.require("a")

    backlog.require("a")


def test_a_video_is_whole_when_it_is_used_while_others_are_still_recovered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PATIENCE_S", 0)
    workspace = Workspace(settings.videos_dir, settings.outputs_dir)
    for copy in COPIES:
        shutil.copyfile(settings.videos_dir / "clip.mp4", settings.videos_dir / f"{copy}.mp4")
        workspace.video_dir(copy).mkdir()
        shutil.copy(workspace.database_path("clip"), workspace.video_dir(copy))
    paths = [workspace.points_path(SessionKey(copy, 1, "overall")) for copy in COPIES]
    with built_once():
        services = build_services(settings)
    try:
        listed = services.handle("list_videos", {})
        services._projects.get(COPIES[-1])

        assert paths[-1].is_file()
        services._recovery.wait()
        assert [path.is_file() for path in paths] == [True] * len(paths)
        assert len(listed["videos"]) == len(COPIES) + 2
        counts = [video["counts"] for video in services.handle("list_videos", {})["videos"]]
        assert [each["prompted_frames"] for each in counts].count(2) == len(COPIES) + 1
    finally:
        services.close()
