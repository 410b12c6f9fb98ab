"""Masks swapped and moved between pairs, deleted and copied: one action, taken back as one."""

from __future__ import annotations

from typing import Any

import pytest

from sam2_session.core.errors import Conflict, InvalidRequest, MaskNotFound
from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, device_held, mask_bytes
from tests.services.repairs.conftest import FIRST, SECOND, Repairer

FRAMES = range(12)


def files(settings: Settings) -> tuple[list[bytes], list[bytes]]:
    """The masks of both objects, by frame."""
    return tuple([mask_bytes(settings, frame_idx, n=n) for frame_idx in FRAMES] for n in (1, 2))  # type: ignore[return-value]


def exchanged(before: list[bytes], other: list[bytes], frames: list[int]) -> list[bytes]:
    return [other[idx] if idx in frames else before[idx] for idx in FRAMES]


def test_masks_of_a_range_change_places_but_for_prompted_frames(
    repairer: Repairer, settings: Settings
) -> None:
    first, second = files(settings)

    job = repairer.swap([0, 1], [4, 6])

    assert (job["state"], job["kind"], job["made"], job["kept"]) == ("done", "repair", 3, 2)
    moved = [1, 4, 6]
    assert files(settings) == (
        exchanged(first, second, moved),
        exchanged(second, first, moved),
    )
    assert repairer.prompted() == [0, 5]
    masks = repairer.masks()
    assert [masks[idx]["source"] for idx in moved] == ["propagated"] * 3
    assert not any(mask["stale"] for mask in masks.values())


def test_one_undo_on_either_pair_takes_a_swap_back(repairer: Repairer, settings: Settings) -> None:
    before, listed = files(settings), repairer.masks()
    repairer.swap([1, 4])
    swapped = files(settings)

    undone = repairer.step("undo", 3, SECOND)
    assert (undone["status"], undone["frames"], undone["kept"]) == ("applied", 8, 0)
    assert files(settings) == before
    without_rev = [{**mask, "rev": 0} for mask in repairer.masks().values()]
    assert without_rev == [{**mask, "rev": 0} for mask in listed.values()]

    assert repairer.step("redo", 2)["frames"] == 8
    assert files(settings) == swapped
    assert repairer.step("undo", 1)["frames"] == 8
    assert files(settings) == before


def test_prompts_move_along_if_wished_and_nothing_is_predicted_again(
    repairer: Repairer, settings: Settings
) -> None:
    first, second = files(settings)

    with device_held(repairer.ada):
        pass
    job = repairer.swap([0, 7], prompts=True)

    assert (job["made"], job["kept"]) == (8, 0)
    assert (repairer.prompted(), repairer.prompted(SECOND)) == ([0], [0, 5])
    assert files(settings) == (second, first)
    repairer.step("undo", 5)
    repairer.ada.until(lambda: files(settings) == (first, second))
    assert (repairer.prompted(), repairer.prompted(SECOND)) == ([0, 5], [0])


def test_approvals_come_back_with_prompted_masks(repairer: Repairer, settings: Settings) -> None:
    before = files(settings)
    repairer.ada.send("approve", key=FIRST, frames=[[0, 2], [5, 5]], approved=True)

    def approved(key: Any) -> list[int]:
        return [frame_idx for frame_idx, mask in repairer.masks(key).items() if mask["approved"]]

    def until_approved(*frames: list[int]) -> None:
        repairer.ada.until(lambda: (approved(FIRST), approved(SECOND)) == frames)

    repairer.swap([0, 7], prompts=True)
    until_approved([], [0, 1, 2, 5])

    repairer.step("undo", 5)
    until_approved([0, 1, 2, 5], [])
    assert files(settings) == before
    repairer.step("redo", 5)
    until_approved([], [0, 1, 2, 5])
    assert files(settings) == before[::-1]


def test_another_persons_repair_is_not_taken_back_unasked(repairer: Repairer) -> None:
    ada = repairer.ada
    ada.send("open_video", video_id="clip", name="Anna", person_id="browser-of-anna")
    job = repairer.swap([1, 4], client_id="ada")
    bob = Annotator(ada.services, "bob")
    bob.send("open_video", video_id="clip", name="Bob", person_id="browser-of-bob")
    step = {"key": SECOND, "frame_idx": 2}

    refused = bob.send("undo", **step)
    assert job["client_id"] == "ada"
    assert refused["error"]["message"] == "Anna made the last change here: repair."

    assert bob.send("undo", **step, any=True)["frames"] == 8
    (told,) = bob.of("change_taken_back")
    assert (told["change"], told["by"]["name"], told["of"]["name"]) == ("repair", "Bob", "Anna")


def test_a_move_leaves_nothing_behind_and_takes_nothing_back(
    repairer: Repairer, settings: Settings
) -> None:
    first, second = files(settings)
    target = {"instance_id": 2, "region": "overall"}

    job = repairer.run("move_masks", [2, 3], target=target)

    assert job["made"] == 2
    after = files(settings)
    assert after[1] == exchanged(second, first, [2, 3])
    assert sorted(repairer.masks()) == [0, 1, 4, 5, 6, 7]
    repairer.step("undo", 2)
    assert files(settings) == (first, second)


def test_a_run_keeps_swapped_masks_that_were_approved_with_the_swap(
    repairer: Repairer, settings: Settings
) -> None:
    repairer.swap([2, 4], approve=True)
    swapped = files(settings)
    assert all(repairer.masks(SECOND)[idx]["approved"] for idx in (2, 3, 4))

    repairer.ada.propagate(start=0, end=7)

    after = files(settings)
    assert [after[0][idx] for idx in (2, 3, 4)] == [swapped[0][idx] for idx in (2, 3, 4)]


def test_undo_leaves_what_was_changed_since(repairer: Repairer, settings: Settings) -> None:
    first, second = files(settings)
    repairer.swap([1, 4])
    repairer.ada.click(3, *BODY)

    undone = repairer.step("undo", 2)

    assert (undone["frames"], undone["kept"]) == (7, 1)
    assert repairer.prompted() == [0, 3, 5]
    assert files(settings)[1] == second
    assert [files(settings)[0][idx] for idx in (1, 2, 4)] == [first[idx] for idx in (1, 2, 4)]


def test_undo_of_a_swap_leaves_masks_that_a_run_made_since(repairer: Repairer) -> None:
    repairer.swap([1, 4])
    repairer.ada.propagate(start=0, end=7, force=True)
    run = repairer.masks()[3]["run"]

    undone = repairer.step("undo", 2)

    assert undone["kept"] == 7  # the frame that was meant is taken back all the same
    assert repairer.masks()[3]["run"] == run


def test_a_range_is_deleted_but_for_what_a_person_made_or_approved(
    repairer: Repairer, settings: Settings
) -> None:
    before = files(settings)
    repairer.ada.send("approve", key=FIRST, frames=[[2, 2]], approved=True)

    job = repairer.run("delete_masks", [1, 6])
    assert (job["made"], job["kept"]) == (4, 2)
    assert sorted(repairer.masks()) == [0, 2, 5, 7]

    repairer.run("delete_masks", [0, 7], checked=True)
    assert repairer.masks() == {}
    assert repairer.prompted() == []

    repairer.step("undo", 5)
    repairer.step("undo", 3)
    repairer.ada.until(lambda: files(settings) == before)
    assert repairer.masks()[2]["approved"]


def test_a_mask_is_copied_to_the_next_frame(repairer: Repairer, settings: Settings) -> None:
    before = files(settings)[0]

    repairer.ada.act("copy_mask", 4, source_frame_idx=3)
    assert mask_bytes(settings, 4) == before[3]
    assert repairer.prompted() == [0, 4, 5]

    repairer.step("undo", 4)
    repairer.ada.until(lambda: files(settings)[0] == before)
    repairer.ada.call("mark_absent", **FIRST, frames=[[3, 3]], absent=True)
    repairer.ada.act("copy_mask", 4, source_frame_idx=3)
    assert repairer.masks()[4]["absent"]
    with pytest.raises(MaskNotFound):
        repairer.ada.call("copy_mask", **FIRST, frame_idx=4, source_frame_idx=9)


def test_a_swap_is_there_after_a_restart_and_can_still_be_taken_back(
    repairer: Repairer, settings: Settings
) -> None:
    before = files(settings)
    repairer.swap([1, 4])
    swapped = files(settings)
    repairer.ada.services.close()

    with annotating(settings, first_seq=100) as again:
        again.open()
        assert files(settings) == swapped
        again.send("undo", key=FIRST, frame_idx=3)
        assert files(settings) == before


def test_what_cannot_be_repaired_is_refused(repairer: Repairer, settings: Settings) -> None:
    ada, same = repairer.ada, {"instance_id": 1, "region": "overall"}
    with pytest.raises(InvalidRequest, match="Both pairs are the same"):
        ada.call("move_masks", **FIRST, frames=[[0, 1]], target=same)
    nothing = repairer.run("delete_masks", [9, 11])
    assert (nothing["state"], nothing["error"]["code"]) == ("failed", "nothing_to_do")
    kept = repairer.run("delete_masks", [0, 0])
    assert "a person made or approved" in kept["error"]["message"]
    ada.call("update_instance", video_id="clip", instance_id=2, locked=True)
    with pytest.raises(Conflict, match="locked"):
        repairer.swap([1, 2])


def test_a_pair_that_a_run_is_making_masks_of_is_left_alone(repairer: Repairer) -> None:
    ada = repairer.ada
    with device_held(ada):
        job = ada.send("propagate", video_id="clip", pairs="all", force=True)
        with pytest.raises(Conflict, match="run is making masks"):
            repairer.swap([1, 2])
    ada.job_ended(job["job_id"])


def test_a_change_meanwhile_stops_the_whole_repair(
    repairer: Repairer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(settings)
    bases = count_bases(repairer)
    ada = repairer.ada
    commit = ada.services._dispatcher._services.repairs._commit

    def late(*args: Any, **kwargs: Any) -> Any:
        ada.call("mark_absent", **SECOND, frames=[[2, 2]], absent=True)
        return commit(*args, **kwargs)

    monkeypatch.setattr(ada.services._dispatcher._services.repairs, "_commit", late)
    job = repairer.swap([1, 4])

    assert (job["state"], job["error"]["code"]) == ("failed", "conflict")
    assert files(settings)[0] == before[0]
    assert count_bases(repairer) == bases + 1  # of the frame marked absent


def count_bases(repairer: Repairer) -> int:
    """Count the masks that the database keeps below frames."""
    project = repairer.ada.services._projects.get("clip")
    return int(project.db.read(lambda tx: tx.execute("SELECT count(*) FROM bases").fetchone()[0]))
