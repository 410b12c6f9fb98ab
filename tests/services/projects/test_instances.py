"""Instances: made, changed, deleted out of sight, and brought back whole."""

from __future__ import annotations

from typing import Any

import pytest

from sam2_session.core.errors import InvalidRequest, SessionError
from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, mask_bytes

PLACE = {"video_id": "clip", "instance_id": 1}


def folders(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.outputs_dir / "clip").glob("*instance*"))


def test_a_new_instance_gets_a_name_and_a_colour_of_its_own(ada: Annotator) -> None:
    second = ada.call("create_instance", video_id="clip")

    first, listed = ada.call("list_instances", video_id="clip")["instances"]
    assert listed == second
    assert (second["instance_id"], second["name"]) == (2, "tool 2")
    assert first["colour"] != second["colour"]


def test_a_new_instance_can_come_with_every_field(ada: Annotator) -> None:
    look = {"name": "forceps", "colour": "#00ff00", "hidden": True, "locked": True}
    fields = {**look, "class_name": "needle"}
    made = ada.call("create_instance", video_id="clip", **fields, more=1)

    assert made == {"instance_id": 2, **fields}
    assert made in ada.call("list_instances", video_id="clip")["instances"]


@pytest.mark.parametrize("field", [{"name": 1}, {"colour": "red"}, {"locked": "yes"}, {"name": ""}])
def test_an_instance_that_cannot_be_is_not_made(ada: Annotator, field: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        ada.call("create_instance", video_id="clip", **field)

    assert len(ada.call("list_instances", video_id="clip")["instances"]) == 1


def test_sixty_four_instances_have_as_many_colours_and_a_freed_one_is_used_again(
    ada: Annotator,
) -> None:
    colours = [ada.call("create_instance", video_id="clip")["colour"] for _ in range(63)]
    first = ada.call("list_instances", video_id="clip")["instances"][0]["colour"]

    ada.call("delete_instance", video_id="clip", instance_id=7)

    assert len({first, *colours}) == 64
    assert ada.call("create_instance", video_id="clip")["colour"] == colours[5]


def test_a_deleted_instance_is_found_by_nobody_and_comes_back_whole(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    before = mask_bytes(settings, 0)

    ada.call("delete_instance", **PLACE)
    hidden, counts = folders(settings), ada.call("get_video", video_id="clip")["counts"]
    ada.call("update_instance", **PLACE, deleted=False)

    assert hidden == [".deleted_instance1"]
    assert counts == {"instances": 0, "prompted_frames": 0, "masks": 0}
    assert folders(settings) == ["instance1"]
    assert mask_bytes(settings, 0) == before
    assert ada.click(0, 50, 40)["status"] == "applied"


def test_a_deleted_instance_stays_out_of_sight_after_a_restart(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    ada.call("delete_instance", **PLACE)
    ada.services.close()

    with annotating(settings, first_seq=50) as again:
        again.open()
        assert folders(settings) == [".deleted_instance1"]
        assert again.call("list_instances", video_id="clip")["instances"] == []


@pytest.mark.parametrize(
    "changes",
    [{}, {"size": 3}, {"name": ""}, {"colour": "red"}, {"hidden": 1}, {"deleted": True}],
)
def test_a_wrong_change_is_refused(ada: Annotator, changes: dict[str, object]) -> None:
    with pytest.raises(SessionError):
        ada.call("update_instance", **PLACE, **changes)
