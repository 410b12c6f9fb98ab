"""Runs over approved masks: kept unless the request replaces them, counted, and never stale."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sam2_session.core.types import JobState
from sam2_session.settings import Settings
from sam2_session.storage.job_rows import list_jobs
from tests.annotating import BODY, DISC, Annotator, annotating, mask_bytes
from tests.prepared import PreparedWorkspaces

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
CHECKED = range(6)  # frames with approved masks; the first one is prompted


def approve(ada: Annotator, first: int, last: int, approved: bool = True) -> Any:
    return ada.send("approve", key=KEY, frames=[[first, last]], approved=approved)


def masks_of(ada: Annotator) -> dict[int, dict[str, Any]]:
    return {mask["frame_idx"]: mask for mask in ada.call("list_masks", **KEY)["masks"]}


def approved(ada: Annotator) -> list[int]:
    return [frame_idx for frame_idx, mask in masks_of(ada).items() if mask["approved"]]


def files(settings: Settings, frames: range = CHECKED) -> list[bytes]:
    return [mask_bytes(settings, frame_idx) for frame_idx in frames]


def counts(job: dict[str, Any]) -> tuple[int, int]:
    return job["made"], job["kept"]


def stop_early(ada: Annotator, **fields: Any) -> dict[str, Any]:
    """Start a run and cancel it after a few masks."""
    saved = len(ada.of("mask_saved"))
    ack = ada.send("propagate", video_id="clip", pairs="all", **fields)
    ada.until(lambda: len(ada.of("mask_saved")) > saved + 1)
    ada.send("cancel", job_id=ack["job_id"])
    return ada.job_ended(ack["job_id"])


def check(ada: Annotator) -> None:
    """Run over 12 frames, approve six of the masks, and correct one behind these."""
    ada.click(0, *BODY)
    ada.propagate()
    approve(ada, CHECKED[0], CHECKED[-1])
    ada.click(8, 30, 40, 0)


@pytest.fixture
def checked(prepared: PreparedWorkspaces, settings: Settings) -> Iterator[Annotator]:
    """Masks of a run, six of them approved, and a correction."""
    with prepared.opened(check, settings) as annotator:
        yield annotator


def test_a_run_keeps_approved_masks_and_makes_the_others(
    checked: Annotator, settings: Settings
) -> None:
    before, first_run = files(settings), masks_of(checked)

    job = checked.propagate()

    masks = masks_of(checked)
    assert files(settings) == before
    assert approved(checked) == [*CHECKED]
    assert [masks[at] for at in CHECKED] == [first_run[at] for at in CHECKED]
    assert [masks[at]["run"] != first_run[at]["run"] for at in (6, 7, 9, 10, 11)] == [True] * 5
    assert counts(job) == (5, 6)  # frame 8 is prompted
    assert (job["done"], job["total"], job["approved"]) == (12, 12, "keep")


def test_a_run_replaces_approved_masks_if_asked_to(checked: Annotator, settings: Settings) -> None:
    prompted = mask_bytes(settings, 0)

    job = checked.propagate(approved="replace")

    runs = {masks["run"] for at, masks in masks_of(checked).items() if at not in (0, 8)}
    assert len(runs) == 1
    assert (approved(checked), mask_bytes(settings, 0)) == ([0], prompted)
    assert (*counts(job), job["approved"]) == (10, 1, "replace")


def test_masks_are_the_same_whether_a_run_kept_others_or_not(
    checked: Annotator, settings: Settings
) -> None:
    checked.propagate()
    keeping = files(settings, range(6, 12))

    checked.propagate(approved="replace", force=True)

    assert files(settings, range(6, 12)) == keeping


def test_kept_masks_can_be_replaced_later(checked: Annotator) -> None:
    checked.propagate()

    again = checked.send("propagate", video_id="clip", pairs="all")
    replacing = checked.propagate(approved="replace")
    nothing = checked.send("propagate", video_id="clip", pairs="all", approved="replace")

    assert again["error"]["code"] == nothing["error"]["code"] == "nothing_to_do"
    assert counts(replacing) == (10, 1)


def test_a_mask_that_is_no_longer_approved_is_made_again(checked: Annotator) -> None:
    checked.propagate()
    approve(checked, 3, 3, approved=False)

    job = checked.propagate()

    assert approved(checked) == [0, 1, 2, 4, 5]
    assert counts(job) == (6, 5)
    assert not any(mask["stale"] for mask in masks_of(checked).values())


def test_approved_masks_are_not_stale_until_their_approval_is_taken_back(
    checked: Annotator,
) -> None:
    before = [at for at, mask in masks_of(checked).items() if mask["stale"]]
    checked.propagate()
    after = [at for at, mask in masks_of(checked).items() if mask["stale"]]

    approve(checked, 2, 4, approved=False)

    assert (before, after) == ([6, 7, 9, 10, 11], [])
    assert [at for at, mask in masks_of(checked).items() if mask["stale"]] == [2, 3, 4]
    assert [told["stale"] for told in checked.of("masks_approved")] == [[[2, 4]]]


def test_a_seed_visited_in_both_directions_is_counted_once(ada: Annotator) -> None:
    ada.click(5, 40, 30)
    ada.propagate(direction="both")
    approve(ada, 3, 6)
    ada.click(9, 30, 40, 0)

    job = ada.propagate(direction="both")

    assert approved(ada) == [3, 4, 5, 6]
    assert counts(job) == (7, 4)


def test_masks_of_other_pairs_are_made(checked: Annotator, settings: Settings) -> None:
    checked.click(0, *DISC, region="wrist")

    job = checked.propagate()

    assert counts(job) == (5 + 11, 6)
    assert all(mask_bytes(settings, at, "wrist") for at in range(12))


def test_a_mask_approved_while_the_run_is_on_its_way_is_kept(
    checked: Annotator, settings: Settings
) -> None:
    before = mask_bytes(settings, 11)
    ack = checked.send("propagate", video_id="clip", pairs="all")
    approve(checked, 11, 11)

    job = checked.job_ended(ack["job_id"])

    assert (approved(checked), mask_bytes(settings, 11)) == ([*CHECKED, 11], before)
    assert counts(job) == (4, 7)


@pytest.mark.parametrize("choice", ["keep", "replace"])
def test_a_stopped_run_goes_on_with_its_choice_and_its_counts(
    checked: Annotator, choice: str
) -> None:
    stopped = stop_early(checked, approved=choice)

    job = checked.propagate(approved=choice)

    assert stopped["state"] in ("cancelled", "done")
    assert job["approved"] == stopped["approved"] == choice
    assert counts(job) == ((5, 6) if choice == "keep" else (10, 1))


def test_a_run_that_replaces_is_not_the_rest_of_one_that_kept(checked: Annotator) -> None:
    stop_early(checked)

    job = checked.propagate(approved="replace", force=True)

    assert (approved(checked), counts(job)) == ([0], (10, 1))


def test_the_same_request_again_joins_a_run_that_replaces(checked: Annotator) -> None:
    first = checked.send("propagate", video_id="clip", pairs="all", approved="replace")
    again = checked.send("propagate", video_id="clip", pairs="all")
    checked.job_ended(first["job_id"])

    assert again["status"] == "rejected" or again["job_id"] == first["job_id"]


def test_counts_and_choice_are_there_after_a_restart(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        ada.propagate()
        approve(ada, 0, 5)
        ada.click(8, 30, 40, 0)
        saved = len(ada.of("mask_saved"))
        ack = ada.send("propagate", video_id="clip", pairs="all")
        ada.until(lambda: len(ada.of("mask_saved")) > saved)
    with annotating(settings, first_seq=100) as ada:
        ada.until(lambda: ada.call("get_job", job_id=ack["job_id"])["state"] == "done")
        job = ada.call("get_job", job_id=ack["job_id"])
        ada.open()
        assert approved(ada) == [*CHECKED]
    assert (*counts(job), job["approved"]) == (5, 6, "keep")


def test_a_run_of_an_older_version_keeps_approved_masks(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        ada.propagate()
        approve(ada, 0, 5)
        ada.click(8, 30, 40, 0)
        job = stop_early(ada)
        project = ada.services._projects.get("clip")
        (row,) = [row for row in project.db.read(list_jobs) if row.job_id == job["job_id"]]
        params = {name: value for name, value in row.params.items() if name != "approved"}
        text = (json.dumps(params), JobState.QUEUED.value, row.job_id)
        query = "UPDATE jobs SET params = ?, state = ?, done = 0 WHERE job_id = ?"
        project.db.write(lambda tx: tx.execute(query, text))
    with annotating(settings, first_seq=100) as ada:
        ada.until(lambda: ada.call("get_job", job_id=job["job_id"])["state"] == "done")
        opened = ada.call("get_job", job_id=job["job_id"])
        ada.open()
        assert approved(ada) == [*CHECKED]
    assert (*counts(opened), opened["approved"]) == (5, 6, "keep")


def test_a_stopped_run_of_an_older_version_has_no_counts(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        job = ada.propagate(end=4)
        project = ada.services._projects.get("clip")
        (row,) = project.db.read(list_jobs)
        text = (json.dumps(row.params), row.job_id)
        project.db.write(lambda tx: tx.execute("UPDATE jobs SET params=? WHERE job_id=?", text))
    with annotating(settings, first_seq=100) as ada:
        listed = ada.call("get_job", job_id=job["job_id"])

    assert (counts(job), listed["made"], listed["kept"]) == ((4, 0), None, None)


def test_a_correction_on_a_kept_mask_and_its_undo_bring_it_back(
    checked: Annotator, settings: Settings
) -> None:
    checked.propagate()
    before = files(settings)
    checked.click(3, 30, 40, 0)

    clicked = approved(checked)
    checked.act("undo", 3)

    assert (clicked, approved(checked)) == ([0, 1, 2, 4, 5], [*CHECKED])
    assert files(settings) == before


def test_an_unknown_choice_is_refused(ada: Annotator) -> None:
    ada.click(0, *BODY)

    ack = ada.send("propagate", video_id="clip", pairs="all", approved="sometimes")

    assert ack["error"]["code"] == "invalid_request"
