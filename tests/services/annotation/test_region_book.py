"""Regions added and relabelled while people work, kept beside the annotations."""

from __future__ import annotations

from typing import Any

import pytest

from sam2_session.core.errors import Conflict, InvalidRequest, RegionNotFound
from sam2_session.services.annotation.region_book import slug_of
from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, mask_bytes


def names(ada: Annotator) -> list[tuple[str, str]]:
    return [(one["name"], one["label"]) for one in ada.call("list_regions")["regions"]]


def test_an_added_region_takes_clicks_and_a_folder(ada: Annotator, settings: Settings) -> None:
    made = ada.call("add_region", label="Left jaw")
    ada.click(0, *BODY, region="left_jaw")

    assert made == {"name": "left_jaw", "label": "Left jaw"}
    assert mask_bytes(settings, 0, "left_jaw")
    assert ada.of("regions_changed")[-1] == ada.call("list_regions")


def test_added_and_relabelled_regions_survive_a_restart(ada: Annotator, settings: Settings) -> None:
    ada.call("add_region", label="Left jaw")
    ada.call("update_region", name="shaft", label="Tube")
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
        ada.call("update_region", name="../shaft", label="x")


@pytest.mark.parametrize(
    ("label", "slug"),
    [("Left jaw (open)", "left_jaw_open"), ("Größe 2", "gro_e_2"), ("  A  ", "a")],
)
def test_a_name_is_made_from_the_label(label: str, slug: str) -> None:
    assert slug_of(label.replace("ß", " ")) == slug
