"""Runs as versions: listed, rolled back wholly or in part, and kept within a bound."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from sam2_session.core.errors import Conflict, NotFound, NothingToDo
from sam2_session.settings import Settings
from tests.annotating import BODY, DISC, Annotator, annotating, mask_bytes, settings_of
from tests.prepared import PreparedWorkspaces, track_six

FRAMES = range(8)
KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


def runs(ada: Annotator) -> dict[int, dict[str, Any]]:
    return {run["run"]: run for run in ada.call("list_runs", video_id="clip")["runs"]}


def roll_back(ada: Annotator, run: int, **part: Any) -> Any:
    return ada.call("roll_back", video_id="clip", run=run, **part)


def masks(ada: Annotator) -> dict[int, dict[str, Any]]:
    return {mask["frame_idx"]: mask for mask in ada.call("list_masks", **KEY)["masks"]}


def files(settings: Settings) -> list[bytes]:
    return [mask_bytes(settings, frame_idx) for frame_idx in FRAMES]


def undo(ada: Annotator, frame_idx: int, event: str = "undo") -> Any:
    return ada.send(event, key=KEY, frame_idx=frame_idx)


def run_twice(ada: Annotator) -> None:
    """Run 1 on frames 0 to 5 after a click, run 2 on 0 to 7 after a click on another object."""
    track_six(ada)
    ada.click(0, *DISC)
    ada.propagate(start=0, end=7)


@pytest.fixture
def ada(prepared: PreparedWorkspaces, settings: Settings) -> Iterator[Annotator]:
    """The workspace after both runs."""
    with prepared.opened(run_twice, settings) as annotator:
        yield annotator


@pytest.fixture
def twice(prepared: PreparedWorkspaces, ada: Annotator, settings: Settings) -> list[bytes]:
    """The files after run 1."""
    before = files(prepared.made_by(track_six))
    assert all(old != new for old, new in zip(before[1:6], files(settings)[1:6], strict=True))
    return before


def test_a_run_says_who_made_it_from_what_and_what_it_changed(
    twice: list[bytes], ada: Annotator
) -> None:
    newest, first = ada.call("list_runs", video_id="clip")["runs"]

    assert [first["run"], newest["run"]] == [1, 2]
    assert (newest["client_id"], newest["pairs"]) == (
        "ada",
        [{"instance_id": 1, "region": "overall"}],
    )
    assert (newest["start"], newest["end"], newest["direction"]) == (0, 7, "forward")
    assert (newest["model"], newest["prompts"]) == ("sam2.1_hiera_demo", 1)
    assert (newest["frames"], newest["made"]) == (8, 7)
    assert (newest["replaced"], newest["restorable"], newest["dropped"]) == (5, 7, 0)
    assert newest["took_s"] > 0
    assert (first["replaced"], first["restorable"]) == (0, 0)  # run 2 wrote over all of it


def test_a_roll_back_brings_every_mask_of_before_and_undo_brings_the_new_ones(
    twice: list[bytes], ada: Annotator, settings: Settings
) -> None:
    new = files(settings)

    answer = roll_back(ada, 2)

    assert (answer["frames"], answer["gone"], answer["later"]) == (7, 0, [])
    assert files(settings) == [new[0], *twice[1:6], b"", b""]
    assert {idx: mask["run"] for idx, mask in masks(ada).items() if idx} == dict.fromkeys(
        range(1, 6), 1
    )
    assert runs(ada)[2]["rolled_back"]
    assert (runs(ada)[1]["restorable"], runs(ada)[2]["restorable"]) == (5, 0)

    undone = undo(ada, answer["undo_at"]["frame_idx"])
    assert undone["frames"] == 7
    assert files(settings) == new
    assert runs(ada)[2]["restorable"] == 7

    undo(ada, 3, "redo")
    assert files(settings) == [new[0], *twice[1:6], b"", b""]


def test_a_part_of_a_run_is_rolled_back_and_the_rest_stays(
    twice: list[bytes], ada: Annotator, settings: Settings
) -> None:
    new = files(settings)

    pairs = [{"instance_id": 1, "region": "overall"}]
    assert roll_back(ada, 2, pairs=pairs, start=2, end=3)["frames"] == 2

    assert files(settings) == [*new[:2], *twice[2:4], *new[4:]]
    with pytest.raises(NothingToDo):
        roll_back(ada, 2, start=2, end=3)


def test_masks_that_a_person_made_or_approved_are_not_touched(
    twice: list[bytes], ada: Annotator, settings: Settings
) -> None:
    ada.send("approve", key=KEY, frames=[[2, 2]], approved=True)
    ada.click(4, *BODY)
    ada.send("mark_absent", key=KEY, frames=[[5, 5]], absent=True)
    checked = files(settings)

    answer = roll_back(ada, 2)

    after = files(settings)
    assert [after[idx] for idx in (0, 2, 4, 5)] == [checked[idx] for idx in (0, 2, 4, 5)]
    assert (after[1], after[3]) == (twice[1], twice[3])
    assert answer["frames"] == 4  # 1, 3, 6 and 7


def test_masks_of_later_runs_stay_and_are_named(
    twice: list[bytes], ada: Annotator, settings: Settings
) -> None:
    ada.propagate(start=0, end=3, force=True)
    newest = files(settings)

    answer = roll_back(ada, 2)

    assert files(settings) == [*newest[:4], *twice[4:6], b"", b""]
    assert answer["later"] == [{"run": 3, "masks": 3}]
    assert answer["notes"] == ["Run 3 made 3 of these masks anew: they stay as they are."]


def test_a_run_can_be_made_again_after_its_roll_back(
    twice: list[bytes], ada: Annotator, settings: Settings
) -> None:
    new = files(settings)
    roll_back(ada, 2)

    assert ada.propagate(start=0, end=7)["made"] == 7

    assert files(settings) == new
    assert runs(ada)[3]["replaced"] == 5


def test_what_a_run_replaced_can_be_read_and_compared(twice: list[bytes], ada: Annotator) -> None:
    (pair,) = ada.call("compare_run", video_id="clip", run=2)["pairs"]

    assert [frame_idx for frame_idx, _ in pair["ious"]] == [1, 2, 3, 4, 5]
    assert all(0 <= iou < 1 for _, iou in pair["ious"])
    read = {**KEY, "run": 2}
    assert ada.call("read_replaced", **read, frame_idx=3)["data"] == twice[3]
    with pytest.raises(NotFound):
        ada.call("read_replaced", **read, frame_idx=6)
    with pytest.raises(NotFound):
        ada.call("compare_run", video_id="clip", run=9)


def test_an_instance_that_is_locked_is_not_rolled_back(twice: list[bytes], ada: Annotator) -> None:
    ada.call("update_instance", video_id="clip", instance_id=1, locked=True)

    with pytest.raises(Conflict, match="locked"):
        roll_back(ada, 2)


def test_the_oldest_masks_go_first_and_the_bound_is_held(tmp_path: Any) -> None:
    bound = 30_000  # six masks and their rows
    settings = settings_of(tmp_path, replaced_bytes=bound)
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        for _ in range(12):
            ada.propagate(start=0, end=4, force=True)
        listed = ada.call("list_runs", video_id="clip")

        assert listed["bytes"] <= bound
        kept = [run["replaced"] - run["dropped"] for run in listed["runs"]]
        assert kept[0] == 4
        assert listed["runs"][-2]["dropped"] == 4
        stored = sorted((settings.outputs_dir / "clip/.replaced").rglob("*.png"))
        assert 4 <= len(stored) <= bound // 4096
        assert roll_back(ada, 12)["frames"] == 4
        with pytest.raises(NothingToDo):
            roll_back(ada, 2)


@pytest.mark.slow
def test_a_hundred_runs_of_every_kind_stay_within_the_bound_and_can_be_undone(
    tmp_path: Any,
) -> None:
    bound = 200_000
    settings = settings_of(tmp_path, replaced_bytes=bound)
    dice = random.Random(4)
    with annotating(settings) as ada:
        ada.open()
        for frame_idx in (0, 8):
            ada.click(frame_idx, BODY[0] + 2 * frame_idx, BODY[1])
        for count in range(100):
            start = dice.randrange(4)
            mode = dice.choice(["full", "fill", "stretch"])
            reach = {} if mode == "fill" else {"start": start, "end": start + dice.randrange(2, 6)}
            ada.propagate(mode=mode, force=True, **reach)
            if count % 7 == 3:
                back = roll_back(ada, ada.call("list_runs", video_id="clip")["runs"][0]["run"])
                assert undo(ada, back["undo_at"]["frame_idx"])["status"] == "applied"
            listed = ada.call("list_runs", video_id="clip")
            assert listed["bytes"] <= bound
            stored = list((settings.outputs_dir / "clip/.replaced").rglob("*.png"))
            assert len(stored) * 4096 <= bound, count

        before = files(settings)
        restorable = [run["run"] for run in listed["runs"] if run["restorable"]]
        for run in restorable:
            back = roll_back(ada, run)
            undo(ada, back["undo_at"]["frame_idx"])
            assert files(settings) == before
    assert restorable
