"""Regions added and relabelled while people work, kept beside the annotations."""

from __future__ import annotations

from typing import Any

import pytest

from sam2_session.core.errors import Conflict, InvalidRequest, RegionNotFound
from sam2_session.services.projects.region_book import slug_of
from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, mask_bytes


def names(ada: Annotator) -> list[tuple[str, str]]:
    return [(region["name"], region["label"]) for region in ada.call("list_regions")["regions"]]


def test_an_added_region_takes_clicks_and_a_folder(ada: Annotator, settings: Settings) -> None:
    made = ada.call("add_region", label="Left jaw")
    ada.click(0, *BODY, region="left_jaw")

    assert made == {"name": "left_jaw", "label": "Left jaw"}
    assert mask_bytes(settings, 0, "left_jaw")
    assert ada.of("regions_changed")[-1] == ada.call("list_regions")


def test_added_and_relabelled_regions_survive_a_restart(ada: Annotator, settings: Settings) -> None:
    ada.call("add_region", label="Left jaw")
    ada.call("update_region", region="shaft", label="Tube")
    before = names(ada)
    ada.services.close()

    with annotating(settings, first_seq=50) as again:
        assert names(again) == before
    assert ("shaft", "Tube") in before
    assert before[-1] == ("left_jaw", "Left jaw")


@pytest.mark.parametrize("label", ["Shaft", "SHAFT ", "shaft"])
def test_a_region_that_is_there_is_not_added_again(ada: Annotator, label: str) -> None:
    with pytest.raises(Conflict):
        ada.call("add_region", label=label)


@pytest.mark.parametrize("label", ["", None, 3, "///", "x" * 300, "a\nb"])
def test_what_is_no_name_is_refused(ada: Annotator, label: Any) -> None:
    with pytest.raises(InvalidRequest):
        ada.call("add_region", label=label)


def test_an_unknown_region_cannot_be_relabelled(ada: Annotator) -> None:
    with pytest.raises(RegionNotFound):
        ada.call("update_region", region="../shaft", label="x")


@pytest.mark.parametrize(
    ("label", "slug"),
    [("Left jaw (open)", "left_jaw_open"), ("Größe 2", "gro_e_2"), ("  A  ", "a")],
)
def test_a_name_is_made_from_the_label(label: str, slug: str) -> None:
    assert slug_of(label.replace("ß", " ")) == slug


def test_a_region_nobody_used_is_deleted_and_comes_back_where_it_was(
    ada: Annotator, settings: Settings
) -> None:
    ada.call("update_region", region="shaft", label="Tube")
    before = names(ada)
    answer = ada.call("delete_region", region="shaft")
    ada.services.close()

    with annotating(settings, first_seq=50) as again:
        assert names(again) == [region for region in before if region[0] != "shaft"]
        assert again.call("update_region", region="shaft", deleted=False)["label"] == "Tube"
        assert names(again) == before
    assert answer.pop("trash_id").startswith("region-")
    assert answer == {"deleted": True, "name": "shaft", "label": "Tube"}


def test_a_deleted_region_takes_no_clicks(ada: Annotator) -> None:
    ada.call("delete_region", region="shaft")

    ack = ada.click(0, *BODY, region="shaft")

    assert (ack["status"], ack["error"]["code"]) == ("rejected", "region_not_found")
    assert ada.of("regions_changed")[-1] == ada.call("list_regions")


def test_a_region_with_masks_stays_and_says_where_they_are(ada: Annotator) -> None:
    ada.click(0, *BODY, region="shaft")
    with pytest.raises(Conflict, match="in clip") as refused:
        ada.call("delete_region", region="shaft")
    ada.act("clear_frame", 0, region="shaft")

    assert "Clear its prompts" in str(refused.value.hint)
    assert ada.call("delete_region", region="shaft")["deleted"]


def test_a_deleted_instance_does_not_hold_its_regions(ada: Annotator) -> None:
    ada.click(0, *BODY, region="shaft")
    ada.call("delete_instance", video_id="clip", instance_id=1)

    assert ada.call("delete_region", region="shaft")["deleted"]


def test_adding_a_deleted_region_again_brings_it_back(ada: Annotator) -> None:
    before = names(ada)
    ada.call("delete_region", region="shaft")

    assert ada.call("add_region", label="SHAFT") == {"name": "shaft", "label": "SHAFT"}
    assert [name for name, _ in names(ada)] == [name for name, _ in before]


def test_one_region_must_stay(ada: Annotator) -> None:
    first, *others = [name for name, _ in names(ada)]
    for name in others:
        ada.call("delete_region", region=name)

    with pytest.raises(Conflict, match="must stay"):
        ada.call("delete_region", region=first)
    with pytest.raises(RegionNotFound):
        ada.call("delete_region", region=others[0])
    with pytest.raises(InvalidRequest):
        ada.call("update_region", region=first, deleted=True)
