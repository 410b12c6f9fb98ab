"""Files that lag behind their database are written again, and counts outlive a closed video."""

from __future__ import annotations

import threading
from typing import Any

from sam2_session.core.errors import StorageFailed
from sam2_session.services.projects.repair_queue import RepairQueue
from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, points_json


def counts(ada: Annotator) -> dict[str, Any]:
    (video,) = ada.call("list_videos")["videos"]
    found: dict[str, Any] = video["counts"]
    return found


def test_a_file_that_could_not_be_written_follows_by_itself(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    path = settings.outputs_dir / "clip/instance1/points_overall.json"
    path.unlink()

    ada.services._projects.get("clip").fell_behind(StorageFailed("The disk is full."))

    ada.until(path.exists)
    assert len(points_json(settings)["frames"]) == 1


def test_the_counts_of_a_closed_video_are_remembered(ada: Annotator) -> None:
    ada.click(0, *BODY)
    before = counts(ada)

    ada.services._projects.close_one("clip")

    assert before == {"instances": 1, "prompted_frames": 1, "masks": 1}
    assert counts(ada) == before
    assert ada.services._projects.opened() == []


def test_a_video_that_falls_behind_twice_is_taken_once() -> None:
    queue = RepairQueue()
    queue.put("a")
    queue.put("b")
    queue.put("a")

    assert queue.take() == {"a", "b"}


def test_closing_wakes_the_thread_that_waits() -> None:
    queue = RepairQueue()
    taken: list[set[str]] = []
    thread = threading.Thread(target=lambda: taken.append(queue.take()))
    thread.start()

    queue.close()
    thread.join(60)

    assert taken == [set()]
