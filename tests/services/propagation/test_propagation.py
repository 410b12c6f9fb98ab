"""Runs: what they write, protect, resume and skip."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sam2_session.settings import Settings
from tests.annotating import (
    BODY,
    DISC,
    Annotator,
    annotating,
    mask_array,
    mask_bytes,
    settings_of,
)


def all_masks(settings: Settings, region: str = "overall") -> list[bytes]:
    return [mask_bytes(settings, frame_idx, region) for frame_idx in range(12)]


def test_a_run_writes_every_frame_from_the_first_prompt(ada: Annotator, settings: Settings) -> None:
    ada.click(2, 34, 30)

    job = ada.propagate()

    assert (job["state"], job["done"], job["total"]) == ("done", 10, 10)
    assert [bool(data) for data in all_masks(settings)] == [False] * 2 + [True] * 10
    assert all(set(np.unique(mask_array(settings, idx))) <= {0, 255} for idx in range(2, 12))
    assert mask_array(settings, 11)[30, 50] == 255


def test_a_run_of_two_pairs_encodes_each_frame_once(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    ada.click(0, *DISC, region="wrist")
    engine = ada.services._slot.get()
    before = engine.features.encoded

    ada.propagate()

    assert engine.features.encoded - before == 11  # frame 0 was encoded by the click
    assert all(all_masks(settings))
    assert all(all_masks(settings, "wrist"))


def test_after_a_run_its_sessions_keep_to_the_budget_again(tmp_path: Path) -> None:
    with annotating(settings_of(tmp_path, session_memory_mb=0)) as bob:
        bob.open()
        bob.click(0, *BODY)
        bob.click(0, *DISC, region="wrist")
        bob.propagate()

        bob.until(lambda: bob.services._slot.get().live_sessions() == 0)
        assert bob.propagate(force=True)["state"] == "done"


def test_a_human_mask_is_never_overwritten(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    ada.click(6, 16, 20, 0)
    corrected = mask_bytes(settings, 6)

    ada.propagate()

    assert mask_bytes(settings, 6) == corrected


def test_undoing_a_correction_brings_the_propagated_mask_back(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    before = mask_bytes(settings, 6)
    ada.click(6, 30, 40, 0)
    corrected = mask_bytes(settings, 6)

    ada.act("undo", 6)
    undone = mask_bytes(settings, 6)
    ada.act("redo", 6)

    assert undone == before != corrected
    assert mask_bytes(settings, 6) == corrected


def test_nothing_changed_means_no_run(ada: Annotator) -> None:
    ada.click(0, *BODY)
    ada.propagate()

    again = ada.send("propagate", video_id="clip", pairs="all")
    forced = ada.propagate(force=True)

    assert again["error"]["code"] == "nothing_to_do"
    assert forced["state"] == "done"


def test_only_the_changed_pair_runs_again(ada: Annotator) -> None:
    ada.click(0, *BODY)
    ada.click(0, *DISC, region="wrist")
    ada.propagate()

    ada.click(0, 126, 66, region="wrist")
    job = ada.propagate()

    assert [pair["region"] for pair in job["pairs"]] == ["wrist"]


def test_masks_of_changed_prompts_are_stale(ada: Annotator) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    key = {"video_id": "clip", "instance_id": 1, "region": "overall"}

    fresh = {mask["stale"] for mask in ada.call("list_masks", **key)["masks"]}
    ada.click(0, 50, 40)
    stale = [mask["stale"] for mask in ada.call("list_masks", **key)["masks"]]

    assert fresh == {False}
    assert stale == [False] + [True] * 11


def test_a_cancelled_run_keeps_its_masks_and_goes_on(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    ack = ada.send("propagate", video_id="clip", pairs="all")
    ada.until(lambda: len(ada.of("mask_saved")) > 2)
    ada.send("cancel", job_id=ack["job_id"])
    cancelled = ada.job_ended(ack["job_id"])
    kept = sum(map(bool, all_masks(settings)))

    job = ada.propagate()

    whole = all_masks(settings)
    ada.propagate(force=True)
    assert cancelled["state"] in ("cancelled", "done")
    assert kept >= cancelled["done"]
    assert job["state"] == "done"
    assert whole == all_masks(settings)


def test_a_run_goes_on_after_a_restart_bit_for_bit(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        ada.click(0, *DISC, region="wrist")
        ack = ada.send("propagate", video_id="clip", pairs="all")
        ada.until(lambda: len(ada.of("mask_saved")) > 4)
    with annotating(settings, first_seq=100) as ada:
        ada.until(lambda: ada.call("get_job", job_id=ack["job_id"])["state"] == "done")
        resumed = all_masks(settings), all_masks(settings, "wrist")
        ada.open()
        ada.propagate(force=True)
    assert all(resumed[0])
    assert all(resumed[1])
    assert resumed == (all_masks(settings), all_masks(settings, "wrist"))


def test_both_directions_reach_every_frame(ada: Annotator, settings: Settings) -> None:
    ada.click(5, 40, 30)

    job = ada.propagate(direction="both")

    assert job["state"] == "done"
    assert all(all_masks(settings))


def test_a_run_without_prompts_says_what_to_do(ada: Annotator) -> None:
    ack = ada.send("propagate", video_id="clip", pairs="all")

    assert ack["status"] == "rejected"
    assert ack["error"]["code"] == "nothing_to_do"
    assert "Click" in ack["error"]["hint"]


def test_a_run_begins_at_a_given_frame(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)

    job = ada.propagate(from_frame=7, direction="both", start=4, end=9)

    assert (job["from_frame"], job["done"], job["total"]) == (7, 7, 7)
    made = [idx for idx in range(12) if mask_bytes(settings, idx)]
    assert made == [0, 4, 5, 6, 7, 8, 9]


def test_a_run_from_its_first_prompt_is_the_same_run(ada: Annotator) -> None:
    ada.click(2, 34, 30)
    ada.propagate()

    again = ada.send("propagate", video_id="clip", pairs="all", from_frame=2)

    assert again["error"]["code"] == "nothing_to_do"


def test_a_frame_outside_of_the_range_is_refused(ada: Annotator) -> None:
    ada.click(0, *BODY)

    refused = ada.send("propagate", video_id="clip", pairs="all", from_frame=30)

    assert refused["error"]["code"] == "invalid_request"
    assert "outside of frames 0 to 11" in refused["error"]["message"]
