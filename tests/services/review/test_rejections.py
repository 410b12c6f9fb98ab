"""Rejected masks: set with a reason, kept over restarts, replaced by the next run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating
from tests.prepared import PreparedWorkspaces, track_six

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


def reject(ada: Annotator, *frames: list[int], reason: str = "too large", **data: Any) -> Any:
    return ada.send("approve", key=KEY, frames=list(frames), rejected=True, reason=reason, **data)


def rejected(ada: Annotator) -> dict[int, str]:
    masks = ada.call("list_masks", **KEY)["masks"]
    return {mask["frame_idx"]: mask["reason"] for mask in masks if mask["rejected"]}


def approved(ada: Annotator) -> list[int]:
    masks = ada.call("list_masks", **KEY)["masks"]
    return [mask["frame_idx"] for mask in masks if mask["approved"]]


@pytest.fixture
def tracked(prepared: PreparedWorkspaces, settings: Settings) -> Iterator[Annotator]:
    """Masks on frames 0 to 5."""
    with prepared.opened(track_six, settings) as annotator:
        yield annotator


def test_masks_are_rejected_with_their_reason_and_told(tracked: Annotator) -> None:
    ack = reject(tracked, [2, 3], [5, 90])

    assert (ack["status"], ack["frames"], ack["count"]) == ("applied", [[2, 3], [5, 5]], 3)
    assert rejected(tracked) == {2: "too large", 3: "too large", 5: "too large"}
    (told,) = tracked.of("masks_approved")
    assert told == {
        "key": KEY, "rev": ack["rev"], "frames": [[2, 3], [5, 5]], "approved": False,
        "rejected": True, "reason": "too large", "stale": [], "client_id": "ada",
    }  # fmt: skip


def test_a_mask_is_approved_or_rejected_or_neither(tracked: Annotator) -> None:
    tracked.send("approve", key=KEY, frames=[[1, 4]], approved=True)
    reject(tracked, [2, 3], reason="")
    tracked.send("approve", key=KEY, frames=[[3, 3]], approved=True)

    assert (approved(tracked), rejected(tracked)) == ([1, 3, 4], {2: ""})


def test_a_rejection_is_taken_back(tracked: Annotator) -> None:
    reject(tracked, [2, 4])
    ack = tracked.send("approve", key=KEY, frames=[[0, 3]], rejected=False)

    assert ack["frames"] == [[2, 3]]
    assert rejected(tracked) == {4: "too large"}
    again = tracked.send("approve", key=KEY, frames=[[0, 3]], rejected=False)
    assert again["error"]["code"] == "nothing_to_do"


def test_another_reason_takes_the_place_of_the_first(tracked: Annotator) -> None:
    reject(tracked, [2, 2])
    assert reject(tracked, [2, 2], reason="wrong object")["count"] == 1
    assert reject(tracked, [2, 2], reason="wrong object")["error"]["code"] == "nothing_to_do"
    assert rejected(tracked) == {2: "wrong object"}


@pytest.mark.parametrize("fields", [{}, {"approved": True, "rejected": True}])
def test_either_approved_or_rejected_is_sent(tracked: Annotator, fields: dict[str, bool]) -> None:
    ack = tracked.send("approve", key=KEY, frames=[[0, 1]], **fields)

    assert ack["error"]["code"] == "invalid_request"


def test_a_run_replaces_rejected_masks_though_nothing_else_changed(tracked: Annotator) -> None:
    reject(tracked, [2, 3])

    job = tracked.propagate(direction="forward", start=0, end=5)

    assert job["state"] == "done"
    assert rejected(tracked) == {}


def test_a_click_takes_the_rejection_away_and_undo_brings_it_back(tracked: Annotator) -> None:
    reject(tracked, [2, 3])

    tracked.click(2, *BODY)
    clicked = rejected(tracked)
    tracked.act("undo", 2)

    assert clicked == {3: "too large"}
    assert rejected(tracked) == {2: "too large", 3: "too large"}


def test_a_rejection_is_there_after_a_restart(tracked: Annotator, settings: Settings) -> None:
    reject(tracked, [4, 4])
    tracked.services.close()

    with annotating(settings, first_seq=80) as again:
        again.open()
        assert rejected(again) == {4: "too large"}
