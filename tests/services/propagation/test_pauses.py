"""Runs that pause where something looks wrong: a tool that vanishes, a cut to another scene."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sam2_session.settings import Settings
from tests.annotating import BODY, DISC, Annotator, annotating, mask_bytes, settings_of
from tests.flagged_clips import CUT, GONE, two_scenes, vanishing, write_clip

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    found = settings_of(tmp_path, lost_frames=3)
    write_clip(found.videos_dir / "clip.mp4", request.param())
    return found


@pytest.fixture
def ada(settings: Settings) -> Iterator[Annotator]:
    with annotating(settings) as annotator:
        annotator.open()
        annotator.click(0, *BODY)
        annotator.click(0, *DISC, region="wrist")
        yield annotator


of_vanishing = pytest.mark.parametrize("settings", [vanishing], indirect=True)
of_two_scenes = pytest.mark.parametrize("settings", [two_scenes], indirect=True)


def all_masks(settings: Settings) -> list[bytes]:
    regions = ("overall", "wrist")
    return [mask_bytes(settings, idx, region) for idx in range(20) for region in regions]


def flagged(ada: Annotator, region: str = "overall") -> dict[int, list[str]]:
    masks = ada.call("list_masks", **{**KEY, "region": region})["masks"]
    return {mask["frame_idx"]: mask["flags"] for mask in masks if mask["flags"]}


@of_vanishing
def test_a_tool_that_leaves_is_marked_lost_and_the_run_goes_on(ada: Annotator) -> None:
    job = ada.propagate()

    assert (job["state"], job["paused"]) == ("done", None)
    assert flagged(ada) == {idx: ["lost"] for idx in range(GONE, 20)}
    assert flagged(ada, "wrist") == {}


@of_vanishing
def test_a_run_pauses_where_a_tool_is_lost(ada: Annotator, settings: Settings) -> None:
    job = ada.propagate(on_guard="pause")

    pairs = [{"instance_id": 1, "region": "overall"}]
    assert job["state"] == "cancelled"
    assert job["paused"] == {"flag": "lost", "frame_idx": GONE, "pairs": pairs}
    assert job["done"] == GONE + 3
    assert [bool(mask_bytes(settings, idx, "wrist")) for idx in (GONE + 2, GONE + 3)] == [1, 0]


@of_vanishing
def test_the_same_request_goes_on_and_ends_as_without_a_pause(
    ada: Annotator, settings: Settings
) -> None:
    paused = ada.propagate(on_guard="pause")

    resumed = ada.propagate(on_guard="pause")

    parts = all_masks(settings)
    ada.propagate(force=True)
    assert (resumed["state"], resumed["done"]) == ("done", 20)
    assert ada.call("get_job", job_id=paused["job_id"])["paused"] is None
    assert parts == all_masks(settings)


@of_vanishing
def test_a_pause_is_there_after_a_restart(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        paused = ada.propagate(on_guard="pause")
    with annotating(settings, first_seq=100) as ada:
        (job,) = ada.open()["jobs"]
        resumed = ada.propagate(start=job["start"], end=job["end"], direction=job["direction"])

    assert job["paused"] == paused["paused"]
    assert (resumed["state"], resumed["done"]) == ("done", 20)


@of_vanishing
def test_a_correction_at_the_pause_begins_a_new_run(ada: Annotator) -> None:
    paused = ada.propagate(on_guard="pause")
    ada.click(GONE, *DISC)

    again = ada.propagate(on_guard="pause")

    assert again["done"] > paused["done"]
    assert GONE not in flagged(ada)
    assert ada.call("get_job", job_id=paused["job_id"])["paused"] is None


@of_two_scenes
def test_a_run_pauses_at_a_cut(ada: Annotator) -> None:
    job = ada.propagate(on_guard="pause")

    assert (job["paused"]["flag"], job["paused"]["frame_idx"]) == ("scene_cut", CUT)
    assert len(job["paused"]["pairs"]) == 2
    assert flagged(ada)[CUT] == ["scene_cut"]


@of_two_scenes
def test_a_backward_run_meets_the_cut_from_the_other_side(ada: Annotator) -> None:
    ada.act("clear_frame", 0)
    ada.act("clear_frame", 0, region="wrist")
    ada.click(CUT + 4, *BODY)

    ada.propagate(direction="backward")

    assert "scene_cut" in flagged(ada)[CUT - 1]


def test_an_odd_wish_is_refused(tmp_path: Path) -> None:
    with annotating(settings_of(tmp_path)) as ada:
        ada.open()
        ada.click(0, *BODY)
        ack = ada.send("propagate", video_id="clip", pairs="all", on_guard="explode")

    assert ack["error"]["code"] == "invalid_request"
