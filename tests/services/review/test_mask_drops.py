"""All masks of a run dropped at once, and back again as they were; prompts copied elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sam2_session.core.errors import NothingToDo
from sam2_session.settings import Settings
from tests.annotating import BODY, DISC, Annotator, annotating, mask_bytes, points_json
from tests.prepared import PreparedWorkspaces, track_all

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
MASKS = "clip/instance1/masks_overall"


def drop(ada: Annotator) -> dict[str, Any]:
    return ada.send("drop_masks", key=KEY)


def files(settings: Settings) -> dict[str, bytes]:
    folder = settings.outputs_dir / MASKS
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.png"))}


@pytest.fixture
def ran(prepared: PreparedWorkspaces, settings: Settings) -> Iterator[Annotator]:
    """Masks on all 12 frames."""
    with prepared.opened(track_all, settings) as annotator:
        yield annotator


def test_dropped_masks_leave_the_clicked_one(ran: Annotator, settings: Settings) -> None:
    ack = drop(ran)

    assert (ack["status"], ack["dropped"]) == ("applied", 11)
    assert list(files(settings)) == ["00001.png"]
    assert [mask["frame_idx"] for mask in ran.call("list_masks", **KEY)["masks"]] == [0]
    assert ran.of("masks_changed")[-1]["rev"] == ack["rev"]


def test_dropped_masks_come_back_bit_for_bit(ran: Annotator, settings: Settings) -> None:
    before, listed = files(settings), ran.call("list_masks", **KEY)
    drop_id = drop(ran)["drop_id"]
    ack = ran.send("restore_masks", key=KEY, drop_id=drop_id)

    assert (ack["status"], ack["restored"]) == ("applied", 11)
    assert files(settings) == before
    assert ran.call("list_masks", **KEY) == listed
    again = ran.send("propagate", video_id="clip", pairs="all")
    assert again["error"]["code"] == "nothing_to_do"


def test_a_dropped_mask_that_once_was_clicked_stays_away(
    ran: Annotator, settings: Settings
) -> None:
    ran.click(4, *DISC)
    ran.send("undo", key=KEY, frame_idx=4)
    drop(ran)
    ran.services.close()

    with annotating(settings, first_seq=50) as again:
        again.open()
        assert list(files(settings)) == ["00001.png"]


def test_a_restart_changes_nothing_for_dropped_masks(ran: Annotator, settings: Settings) -> None:
    before, ack = files(settings), drop(ran)
    ran.services.close()

    with annotating(settings, first_seq=50) as again:
        again.open()
        assert list(files(settings)) == ["00001.png"]
        again.send("restore_masks", key=KEY, drop_id=ack["drop_id"])
    assert files(settings) == before


def test_a_pair_runs_again_after_its_masks_were_dropped(ran: Annotator, settings: Settings) -> None:
    before = files(settings)
    drop(ran)

    assert ran.propagate()["state"] == "done"
    assert files(settings) == before


def test_a_drop_sent_twice_drops_once(ran: Annotator) -> None:
    first = ran.send("drop_masks", key=KEY, seq=77)
    second = ran.send("drop_masks", key=KEY, seq=77)

    assert (second["status"], second["drop_id"]) == ("duplicate", first["drop_id"])


def test_restored_masks_do_not_cover_newer_ones(ran: Annotator, settings: Settings) -> None:
    drop_id = drop(ran)["drop_id"]
    ran.click(5, *DISC)
    newer = mask_bytes(settings, 5)
    ack = ran.send("restore_masks", key=KEY, drop_id=drop_id)

    assert ack["restored"] == 10
    assert mask_bytes(settings, 5) == newer


def test_without_masks_of_a_run_there_is_nothing_to_drop(ada: Annotator) -> None:
    ada.click(0, *BODY)

    assert drop(ada)["error"]["code"] == "nothing_to_do"


@pytest.mark.parametrize("drop_id", ["../../etc", "0" * 16, "", None])
def test_a_drop_that_never_was_is_refused(ada: Annotator, drop_id: Any) -> None:
    ack = ada.send("restore_masks", key=KEY, drop_id=drop_id)

    assert ack["status"] == "rejected"
    assert ack["error"]["code"] in ("nothing_to_do", "invalid_request")


def test_prompts_are_copied_to_another_pair_in_one_step(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    ada.click(0, 50, 40)
    source = {"instance_id": 1, "region": "overall", "frame_idx": 0}
    ada.act("copy_prompts", 3, region="shaft", source=source)
    copied = points_json(settings, "shaft")["frames"]
    ada.act("undo", 3, region="shaft")

    assert [(one["frame_idx"], len(one["points"])) for one in copied] == [(3, 2)]
    assert points_json(settings, "shaft")["frames"] == []


def test_a_frame_without_prompts_has_nothing_to_copy(ada: Annotator) -> None:
    source = {"instance_id": 1, "region": "overall", "frame_idx": 0}
    ack = ada.act("copy_prompts", 3, region="shaft", source=source)

    assert ack["error"]["code"] == "nothing_to_do"


def test_rest_drops_and_restores(ran: Annotator) -> None:
    dropped = ran.call("drop_masks", **KEY)

    assert ran.call("restore_masks", **KEY, drop_id=dropped["drop_id"])["restored"] == 11
    with pytest.raises(NothingToDo):
        ran.call("restore_masks", **KEY, drop_id="0" * 16)
