"""A change of a frame is acknowledged by its commit; files follow, once for many changes."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from sam2_session.core.errors import NothingToDo
from sam2_session.core.frame_state import FrameState
from sam2_session.core.types import FramePrompt, Keypoint, Point, SessionKey
from sam2_session.services.projects.project import Project
from sam2_session.settings import Settings
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import FrameRow, save_frame
from sam2_session.storage.keypoint_rows import replace_on_frame
from tests.annotating import BODY, DISC, Annotator, device_held, mask_bytes, points_json

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
CLIENTS, CLICKS = 16, 1008  # together
STEPS = 10  # of SQLite's machine, counted at once


def project_of(ada: Annotator) -> Project:
    return ada.services._projects.get("clip")


def click(who: Annotator, frame_idx: int, at: tuple[float, float] = BODY) -> dict[str, Any]:
    x, y = at
    ack = who.command("add_point", key=KEY, frame_idx=frame_idx, x=x, y=y, label=1)
    assert ack["status"] == "applied", ack
    return ack


def clicks_at_once(ada: Annotator) -> list[dict[str, Any]]:
    """Many clients at once, each as fast as it is acknowledged; all acks."""
    acks: list[dict[str, Any]] = []

    def click_often(number: int) -> None:
        client = Annotator(ada.services, f"client{number}")
        acks.extend(click(client, turn % 12) for turn in range(CLICKS // CLIENTS))

    threads = [threading.Thread(target=click_often, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return acks


def test_a_thousand_clicks_share_commits_and_writes_of_files(
    ada: Annotator, settings: Settings
) -> None:
    project, commits = project_of(ada), list[str]()
    project.db._writer.set_trace_callback(
        lambda text: commits.append(text) if text == "COMMIT" else None
    )

    with device_held(ada):
        acks = clicks_at_once(ada)
        behind = project.files.written
        project.write_files()

    assert len({ack["rev"] for ack in acks}) == CLICKS
    assert len(commits) <= CLICKS / 2
    assert behind <= CLICKS / 20
    assert sum(len(frame["points"]) for frame in points_json(settings)["frames"]) == CLICKS


def test_changes_are_announced_in_the_order_of_their_revisions(ada: Annotator) -> None:
    with device_held(ada):
        clicks_at_once(ada)

    revs = [event["rev"] for event in ada.of("prompts_changed")]
    assert revs == sorted(revs)
    assert len(revs) == CLICKS


@contextmanager
def counting_steps(project: Project) -> Iterator[list[int]]:
    """Count the steps of SQLite's machine, for reads and writes."""
    steps: list[int] = []
    connections: list[sqlite3.Connection] = [project.db._writer, project.db._reader]
    for connection in connections:
        connection.set_progress_handler(lambda: steps.append(STEPS), STEPS)
    try:
        yield steps
    finally:
        for connection in connections:
            connection.set_progress_handler(None, 0)


def store_keypoints(tx: Transaction) -> None:
    for frame_idx in range(7, 12):
        first = 400 * frame_idx
        points = [Keypoint(first + n, frame_idx, 9.0, 9.0, f"point {n}") for n in range(400)]
        replace_on_frame(tx, 1, frame_idx, points)


def store_prompts(tx: Transaction) -> None:
    key, state = SessionKey("clip", 1, "overall"), FrameState(FramePrompt((Point(9.0, 9.0, 1),)))
    for frame_idx in range(100, 2100):  # beyond the clip: nothing is predicted
        save_frame(tx, key, FrameRow(frame_idx, 1, state))


def work_of(ada: Annotator, event: str, frame_idx: int) -> int:
    """Steps of SQLite for a frame's first change; what runs in the background is done before."""
    ada.services._projects.finish_files("clip")
    place = {"key": KEY, "label": 1} if event == "add_point" else {**KEY, "name": "tip"}
    place.pop("region", None)
    with counting_steps(project_of(ada)) as steps:
        ack = ada.command(event, frame_idx=frame_idx, x=30.0, y=30.0, **place)
        done = sum(steps)
    assert ack["status"] == "applied", ack
    return done


@pytest.mark.parametrize(
    ("event", "store"), [("add_keypoint", store_keypoints), ("add_point", store_prompts)]
)
def test_a_change_costs_the_same_on_a_full_video(ada: Annotator, event: str, store: Any) -> None:
    with device_held(ada):
        empty = min(work_of(ada, event, frame_idx) for frame_idx in (0, 1, 2))
        project_of(ada).db.write(store)
        full = min(work_of(ada, event, frame_idx) for frame_idx in (3, 4, 5))

    assert full <= 1.2 * empty


def test_a_rest_call_returns_when_its_files_are_there(ada: Annotator, settings: Settings) -> None:
    place = {"video_id": "clip", "instance_id": 1}
    ada.call("add_point", **KEY, frame_idx=2, x=BODY[0], y=BODY[1], label=1)
    assert [frame["frame_idx"] for frame in points_json(settings)["frames"]] == [2]
    assert mask_bytes(settings, 2)

    ada.call("add_keypoint", **place, frame_idx=2, x=1.0, y=2.0, name="tip")
    path = settings.outputs_dir / "clip/instance1/keypoints.json"
    assert [row["name"] for row in json.loads(path.read_text())["keypoints"]] == ["tip"]

    ada.call("clear_frame", **KEY, frame_idx=2)
    assert points_json(settings)["frames"] == []
    assert mask_bytes(settings, 2) == b""


def test_closing_writes_what_lags_behind(ada: Annotator, settings: Settings) -> None:
    with device_held(ada):
        for frame_idx in range(5):
            click(ada, frame_idx)
        ada.services._projects.close_one("clip")

        assert len(points_json(settings)["frames"]) == 5


def test_a_region_that_was_clicked_in_just_now_is_in_use(ada: Annotator) -> None:
    with device_held(ada):
        click(ada, 0)
        with suppress(NothingToDo), pytest.raises(Exception, match="has prompts or masks"):
            ada.call("delete_region", region="overall")


def test_a_click_counts_on_the_mask_that_an_undo_is_still_putting_back(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    ada.propagate(start=0, end=5)
    tracked = mask_bytes(settings, 3)
    ada.click(3, *DISC)
    drawn = mask_bytes(settings, 3)

    with project_of(ada).lock:  # no mask is saved meanwhile
        assert ada.command("undo", key=KEY, frame_idx=3)["status"] == "applied"
        click(ada, 3, DISC)
        assert mask_bytes(settings, 3) == drawn

    ada.act("undo", 3)
    assert mask_bytes(settings, 3) == tracked != drawn


def test_a_deleted_instance_gets_no_folder_back(ada: Annotator, settings: Settings) -> None:
    ada.call("create_instance", video_id="clip")
    key = {**KEY, "instance_id": 2}
    with device_held(ada):
        ada.command("add_point", key=key, frame_idx=0, x=30.0, y=30.0, label=1)
        ada.call("delete_instance", video_id="clip", instance_id=2)
    project_of(ada).write_points(SessionKey("clip", 2, "overall"))
    ada.services._projects.finish_files("clip")

    assert not (settings.outputs_dir / "clip/instance2").exists()
    ada.call("update_instance", video_id="clip", instance_id=2, deleted=False)
    assert len(points_json(settings, n=2)["frames"]) == 1
