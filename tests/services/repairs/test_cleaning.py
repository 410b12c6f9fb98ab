"""Masks cleaned in a range, and by the rule of a pair: in runs and exports."""

from __future__ import annotations

import zipfile
from typing import Any

import cv2
import numpy as np
import pytest

from sam2_session.core.cleaning import Cleaning
from sam2_session.core.errors import InvalidRequest, MaskNotFound
from sam2_session.formats.shapes.cleaning import clean_mask
from sam2_session.settings import Settings
from tests.annotating import mask_array, mask_bytes
from tests.services.repairs.conftest import FIRST, Repairer

GROW = {"grow": 3}


def grown(settings: Settings, frame_idx: int) -> Any:
    """The mask on disk, three pixels larger."""
    return clean_mask(mask_array(settings, frame_idx) > 0, Cleaning(grow=3))


def exported(repairer: Repairer, **options: Any) -> dict[str, Any]:
    """The exported masks of the first object, by file name."""
    pairs = [{"instance_id": 1, "region": "overall"}]
    ada = repairer.ada
    started = ada.call(
        "start_export", video_id="clip", format="masks_zip", options={"pairs": pairs, **options}
    )
    ada.job_ended(started["job_id"])
    found = ada.call("find_export", video_id="clip", export_id=started["job_id"])
    with zipfile.ZipFile(found["path"]) as archive:
        names = [name for name in archive.namelist() if name.endswith(".png")]
        return {name: decoded(archive.read(name)) for name in sorted(names)}


def decoded(png: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE) > 0


def test_a_range_is_cleaned_but_for_what_a_person_made(
    repairer: Repairer, settings: Settings
) -> None:
    wanted = [grown(settings, idx) for idx in range(8)]
    prompted = mask_bytes(settings, 5)
    before = [mask_bytes(settings, idx) for idx in range(8)]

    job = repairer.run("clean_masks", [1, 6], **GROW)

    assert (job["made"], job["kept"]) == (5, 1)
    for idx in (1, 2, 3, 4, 6):
        assert ((mask_array(settings, idx) > 0) == wanted[idx]).all()
    assert mask_bytes(settings, 5) == prompted
    mask = repairer.masks()[3]
    assert (mask["cleaned"], mask["approved"], mask["stale"]) == (True, False, False)
    assert mask["area"] == wanted[3].sum()

    repairer.step("undo", 4)
    assert [mask_bytes(settings, idx) for idx in range(8)] == before
    assert not repairer.masks()[3]["cleaned"]


def test_a_prompted_mask_is_cleaned_if_wished_and_becomes_one_by_hand(
    repairer: Repairer, settings: Settings
) -> None:
    before, wanted = mask_bytes(settings, 5), grown(settings, 5)

    repairer.run("clean_masks", [5, 5], **GROW, checked=True)
    repairer.ada.until(lambda: mask_bytes(settings, 5) != before)

    assert ((mask_array(settings, 5) > 0) == wanted).all()
    (row,) = [
        row for row in repairer.ada.call("get_prompts", **FIRST)["prompts"] if row["frame_idx"] == 5
    ]
    assert (row["mask"], row["points"]) == (True, [])
    repairer.step("undo", 5)
    repairer.ada.until(lambda: mask_bytes(settings, 5) == before)


def test_a_preview_shows_the_result_and_stores_nothing(
    repairer: Repairer, settings: Settings
) -> None:
    before = mask_bytes(settings, 3)

    shown = repairer.ada.call("preview_cleaning", **FIRST, frame_idx=3, grow=3)

    assert (decoded(shown["data"]) == grown(settings, 3)).all()
    assert mask_bytes(settings, 3) == before
    with pytest.raises(MaskNotFound):
        repairer.ada.call("preview_cleaning", **FIRST, frame_idx=11, grow=3)


def test_a_run_respects_the_rule_of_the_pair(repairer: Repairer, settings: Settings) -> None:
    wanted = [grown(settings, idx) for idx in range(8)]
    second = [mask_bytes(settings, idx, n=2) for idx in range(8)]
    answer = repairer.ada.call("set_cleaning", **FIRST, grow=3)
    assert answer["on"]
    assert repairer.ada.call("get_cleaning", **FIRST)["cleaning"]["grow"] == 3

    repairer.ada.propagate(start=0, end=7)

    assert ((mask_array(settings, 3) > 0) == wanted[3]).all()
    assert repairer.masks()[3]["cleaned"]
    assert [mask_bytes(settings, idx, n=2) for idx in range(8)] == second
    assert repairer.ada.call("set_cleaning", **FIRST)["on"] is False
    repairer.ada.propagate(start=0, end=7)
    assert not repairer.masks()[3]["cleaned"]


def test_an_export_respects_the_rule_and_cleans_nothing_twice(
    repairer: Repairer, settings: Settings
) -> None:
    plain = exported(repairer)
    repairer.ada.call("set_cleaning", **FIRST, grow=3)
    files = [mask_bytes(settings, idx) for idx in range(8)]

    cleaned = exported(repairer)
    assert all((cleaned[name] == clean_mask(plain[name], Cleaning(grow=3))).all() for name in plain)
    assert [mask_bytes(settings, idx) for idx in range(8)] == files

    repairer.ada.propagate(start=0, end=7, force=True)  # cleans as it writes
    again = exported(repairer)
    assert all((again[name] == cleaned[name]).all() for name in plain)


def test_a_rule_leaves_what_a_person_painted(repairer: Repairer, settings: Settings) -> None:
    repairer.ada.act("set_mask", 3, mask=mask_bytes(settings, 3))
    repairer.ada.call("set_cleaning", **FIRST, grow=3)

    name = sorted(exported(repairer))[3]

    assert (exported(repairer)[name] == (mask_array(settings, 3) > 0)).all()


def test_a_cleaning_without_a_step_is_refused(repairer: Repairer) -> None:
    with pytest.raises(InvalidRequest, match="No step"):
        repairer.run("clean_masks", [1, 2])
    with pytest.raises(InvalidRequest, match="grow"):
        repairer.run("clean_masks", [1, 2], grow=900)
    nothing = repairer.run("clean_masks", [1, 2], drop_specks=1)
    assert nothing["error"]["code"] == "nothing_to_do"
