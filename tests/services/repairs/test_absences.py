"""Frames on which the object is not there: said by a person, kept by runs, taken back by undo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sam2_session.core.errors import InvalidRequest, NothingToDo
from sam2_session.services.repairs import absences
from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, mask_array, mask_bytes
from tests.prepared import PreparedWorkspaces, track_six

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


def mark(ada: Annotator, *frames: list[int], absent: bool = True, **data: Any) -> Any:
    return ada.send("mark_absent", key=KEY, frames=list(frames), absent=absent, **data)


def masks(ada: Annotator) -> dict[int, dict[str, Any]]:
    listed = ada.call("list_masks", **KEY)["masks"]
    return {mask["frame_idx"]: mask for mask in listed}


def absent(ada: Annotator) -> list[int]:
    return [frame_idx for frame_idx, mask in masks(ada).items() if mask["absent"]]


def undo(ada: Annotator, frame_idx: int, event: str = "undo") -> Any:
    return ada.send(event, key=KEY, frame_idx=frame_idx)


@pytest.fixture
def tracked(prepared: PreparedWorkspaces, settings: Settings) -> Iterator[Annotator]:
    """Masks on frames 0 to 5, a click on the first."""
    with prepared.opened(track_six, settings) as annotator:
        yield annotator


def test_an_absent_frame_has_an_empty_mask_of_a_person(
    tracked: Annotator, settings: Settings
) -> None:
    before = mask_bytes(settings, 3)

    ack = mark(tracked, [3, 3])

    assert (ack["status"], ack["frames"], ack["count"]) == ("applied", [[3, 3]], 1)
    mask = masks(tracked)[3]
    assert (mask["source"], mask["area"], mask["box"], mask["absent"]) == ("human", 0, None, True)
    assert not mask["stale"]
    assert not mask_array(settings, 3).any()
    (told,) = [data for data in tracked.of("mask_saved") if data["rev"] == ack["rev"]]
    assert told["absent"]

    undo(tracked, 3)
    assert mask_bytes(settings, 3) == before
    assert not absent(tracked)


def test_a_range_is_one_change_to_undo_and_redo(tracked: Annotator, settings: Settings) -> None:
    before = [mask_bytes(settings, frame_idx) for frame_idx in range(12)]

    ack = mark(tracked, [2, 4], [8, 9])
    assert ack["frames"] == [[2, 4], [8, 9]]
    assert absent(tracked) == [2, 3, 4, 8, 9]

    undone = undo(tracked, 9)
    assert (undone["frames"], undone["kept"]) == (5, 0)
    assert [mask_bytes(settings, frame_idx) for frame_idx in range(12)] == before

    redone = undo(tracked, 2, "redo")
    assert (redone["frames"], redone["kept"]) == (5, 0)
    assert absent(tracked) == [2, 3, 4, 8, 9]


def test_taking_it_back_brings_the_mask_from_before(tracked: Annotator, settings: Settings) -> None:
    before = mask_bytes(settings, 4)
    mark(tracked, [4, 7])

    mark(tracked, [4, 5], absent=False)

    assert absent(tracked) == [6, 7]
    assert mask_bytes(settings, 4) == before
    assert sorted(masks(tracked)) == [0, 1, 2, 3, 4, 5, 6, 7]


def test_a_run_leaves_absent_frames_out(tracked: Annotator, settings: Settings) -> None:
    mark(tracked, [3, 4])
    empty = mask_bytes(settings, 3)

    job = tracked.propagate(start=0, end=7)

    assert (job["state"], job["done"]) == ("done", 8)
    assert absent(tracked) == [3, 4]
    assert [mask_bytes(settings, frame_idx) for frame_idx in (3, 4)] == [empty, empty]
    made = masks(tracked)
    assert sorted(made) == [*range(8)]
    assert all(mask["area"] > 0 for idx, mask in made.items() if idx not in (3, 4))


def test_a_run_over_absent_frames_is_one_that_never_saw_them(
    tracked: Annotator, settings: Settings
) -> None:
    """The memory holds nothing that an earlier run found there."""
    mark(tracked, [2, 3])
    tracked.propagate(start=0, end=7)
    again = [mask_bytes(settings, frame_idx) for frame_idx in range(8)]

    tracked.propagate(start=0, end=7, force=True)

    assert [mask_bytes(settings, frame_idx) for frame_idx in range(8)] == again


def test_a_frame_that_is_no_longer_absent_can_be_run_again(tracked: Annotator) -> None:
    mark(tracked, [6, 7])
    tracked.propagate(start=0, end=8)
    mark(tracked, [6, 7], absent=False)
    assert sorted(masks(tracked)) == [0, 1, 2, 3, 4, 5, 8]

    tracked.propagate(start=0, end=8)

    assert sorted(masks(tracked)) == [*range(9)]
    assert not any(mask["stale"] for mask in masks(tracked).values())


def test_a_click_says_that_it_is_there_after_all(tracked: Annotator) -> None:
    mark(tracked, [2, 3])

    tracked.click(2, *BODY)

    assert absent(tracked) == [3]
    assert masks(tracked)[2]["area"] > 0
    undo(tracked, 2)
    assert absent(tracked) == [2, 3]


def test_prompts_of_an_absent_frame_come_back_by_undo(
    tracked: Annotator, settings: Settings
) -> None:
    before = mask_bytes(settings, 0)
    mark(tracked, [0, 1])
    prompts = tracked.call("get_prompts", **KEY)["prompts"]

    undo(tracked, 1)
    tracked.until(lambda: mask_bytes(settings, 0) == before)

    assert prompts == []
    assert [row["frame_idx"] for row in tracked.call("get_prompts", **KEY)["prompts"]] == [0]


def test_approval_of_an_absent_frame_outlives_another_mark(tracked: Annotator) -> None:
    mark(tracked, [3, 3])
    tracked.send("approve", key=KEY, frames=[[3, 3]], approved=True)

    again = mark(tracked, [3, 4])

    assert again["frames"] == [[4, 4]]
    assert masks(tracked)[3]["approved"]


def test_absent_frames_are_not_dropped_with_what_runs_made(tracked: Annotator) -> None:
    mark(tracked, [3, 4])

    tracked.send("drop_masks", key=KEY)

    assert sorted(masks(tracked)) == [0, 3, 4]


def test_it_is_there_after_a_restart_and_a_repeated_mark_is_applied_once(
    tracked: Annotator, settings: Settings
) -> None:
    first = mark(tracked, [2, 4], seq=70)
    tracked.services.close()

    with annotating(settings, first_seq=100) as again:
        again.open()
        repeated = mark(again, [2, 4], seq=70)
        assert absent(again) == [2, 3, 4]
        undo(again, 3)
        assert absent(again) == []

    assert (repeated["status"], repeated["frames"]) == ("duplicate", first["frames"])


def test_a_long_range_is_marked_by_a_job(
    tracked: Annotator, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [mask_bytes(settings, frame_idx) for frame_idx in range(12)]
    monkeypatch.setattr(absences, "MOST_AT_ONCE", 4)

    ack = mark(tracked, [2, 9], seq=70)
    job = tracked.job_ended(ack["job_id"])
    assert (ack["frames"], ack["count"]) == ([], 0)
    assert (job["kind"], job["label"], job["done"], job["made"]) == ("repair", "mark absent", 8, 8)
    assert (job["client_id"], absent(tracked)) == ("ada", [*range(2, 10)])
    assert mark(tracked, [2, 9], seq=70)["job_id"] == ack["job_id"]

    again = tracked.job_ended(mark(tracked, [2, 9])["job_id"])
    assert (again["state"], again["error"]["code"]) == ("failed", "nothing_to_do")
    undo(tracked, 5)
    assert [mask_bytes(settings, frame_idx) for frame_idx in range(12)] == before


def test_a_long_mark_that_is_cancelled_leaves_nothing(
    tracked: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(absences, "MOST_AT_ONCE", 4)
    project = tracked.services._projects.get("clip")

    with project.lock:  # its job waits for the first frames
        ack = mark(tracked, [2, 9])
        tracked.call("cancel", job_id=ack["job_id"])
    ended = tracked.job_ended(ack["job_id"])

    assert (ended["state"], absent(tracked)) == ("cancelled", [])


def test_what_cannot_be_marked_is_refused(tracked: Annotator) -> None:
    with pytest.raises(InvalidRequest, match="first, last"):
        tracked.call("mark_absent", **KEY, frames=[[4, 2]], absent=True)
    with pytest.raises(InvalidRequest, match="Frame 12 does not exist"):
        tracked.call("mark_absent", **KEY, frames=[[0, 12]], absent=True)
    with pytest.raises(NothingToDo):
        tracked.call("mark_absent", **KEY, frames=[[0, 5]], absent=False)
    with pytest.raises(NothingToDo):
        tracked.call("mark_absent", **KEY, frames=[[2, 2]], absent=False)
