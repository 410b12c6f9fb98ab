"""Approved masks: set for a span of frames, kept over restarts, lost with the mask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sam2_session.services.review.approvals import spans_of
from sam2_session.settings import Settings
from tests.annotating import Annotator, annotating, mask_bytes
from tests.prepared import PreparedWorkspaces, track_six

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


def approve(ada: Annotator, *frames: list[int], approved: bool = True, **data: Any) -> Any:
    return ada.send("approve", key=KEY, frames=list(frames), approved=approved, **data)


def approved(ada: Annotator) -> list[int]:
    masks = ada.call("list_masks", **KEY)["masks"]
    return [mask["frame_idx"] for mask in masks if mask["approved"]]


@pytest.fixture
def tracked(prepared: PreparedWorkspaces, settings: Settings) -> Iterator[Annotator]:
    """Masks on frames 0 to 5."""
    with prepared.opened(track_six, settings) as annotator:
        yield annotator


def test_masks_are_approved_from_the_first_to_the_last_frame_and_told(tracked: Annotator) -> None:
    ack = approve(tracked, [2, 3], [5, 90])

    assert (ack["status"], ack["frames"], ack["count"]) == ("applied", [[2, 3], [5, 5]], 3)
    assert approved(tracked) == [2, 3, 5]
    (told,) = tracked.of("masks_approved")
    assert told == {
        "key": KEY, "rev": ack["rev"], "frames": [[2, 3], [5, 5]], "approved": True,
        "rejected": False, "reason": None, "stale": [], "client_id": "ada",
    }  # fmt: skip


def test_the_answered_frames_take_exactly_this_change_back(tracked: Annotator) -> None:
    approve(tracked, [1, 1])
    changed = approve(tracked, [0, 3])["frames"]

    approve(tracked, *changed, approved=False)

    assert changed == [[0, 0], [2, 3]]
    assert approved(tracked) == [1]


def test_an_approval_is_there_after_a_restart_and_a_repeated_one_is_applied_once(
    tracked: Annotator, settings: Settings
) -> None:
    first = approve(tracked, [0, 4], seq=70)
    tracked.services.close()

    with annotating(settings, first_seq=80) as again:
        again.open()
        second = approve(again, [0, 5], seq=70)
        assert approved(again) == [0, 1, 2, 3, 4]

    assert second == {**first, "status": "duplicate"}


def test_a_mask_that_changes_loses_its_approval(tracked: Annotator) -> None:
    approve(tracked, [0, 5])

    tracked.click(0, 45, 40)
    clicked = approved(tracked)
    tracked.propagate(direction="forward", start=0, end=3, approved="replace")

    assert clicked == [1, 2, 3, 4, 5]
    assert approved(tracked) == [4, 5]


def test_undoing_the_first_click_brings_the_approval_back(tracked: Annotator) -> None:
    tracked.click(3, 45, 40)
    tracked.act("undo", 3)
    approve(tracked, [3, 3])

    tracked.click(3, 45, 40)
    clicked = approved(tracked)
    tracked.act("undo", 3)

    assert (clicked, approved(tracked)) == ([], [3])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"frames": [[9, 9]]}, "nothing_to_do"),
        ({"frames": [[3, 2]]}, "invalid_request"),
        ({"frames": [3]}, "invalid_request"),
        ({"frames": []}, "invalid_request"),
        ({"frames": [[True, 2]]}, "invalid_request"),
        ({"approved": "yes"}, "invalid_request"),
    ],
)
def test_what_cannot_be_approved_is_refused(
    ada: Annotator, fields: dict[str, Any], code: str
) -> None:
    ack = ada.send("approve", **{"key": KEY, "frames": [[0, 0]], "approved": True, **fields})

    assert (ack["status"], ack["error"]["code"]) == ("rejected", code)


def test_masks_of_a_locked_instance_stay_as_they_are(tracked: Annotator) -> None:
    tracked.call("update_instance", video_id="clip", instance_id=1, locked=True)

    assert approve(tracked, [0, 0])["error"]["code"] == "conflict"


def test_rest_approves_too(tracked: Annotator) -> None:
    answer = tracked.call("approve", **KEY, frames=[[0, 1]], approved=True)

    assert (answer["frames"], approved(tracked)) == ([[0, 1]], [0, 1])


def test_neighbouring_frames_are_one_span() -> None:
    assert spans_of([4, 1, 2, 9, 3, 2]) == [[1, 4], [9, 9]]


def test_a_held_mask_stays_approved_and_a_run_goes_out_from_it(
    tracked: Annotator, settings: Settings
) -> None:
    approve(tracked, [0, 5])
    before = mask_bytes(settings, 4)
    tracked.act("set_mask", 4, mask=before)
    tracked.act("set_mask", 5, mask=mask_bytes(settings, 0))

    prompted = [row["frame_idx"] for row in tracked.call("get_prompts", **KEY)["prompts"]]
    assert (prompted, approved(tracked)) == ([0, 4, 5], [0, 1, 2, 3, 4])
    assert mask_bytes(settings, 4) == before
    assert tracked.propagate(from_frame=4)["kept"] == 1
