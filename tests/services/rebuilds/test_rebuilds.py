"""Masks made again from the saved prompts: compared with the saved ones, and taken over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sam2_session.core.errors import InvalidRequest, MaskNotFound, ModelNotFound, NotFound
from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, mask_bytes, settings_of

FIRST = {"video_id": "clip", "instance_id": 1, "region": "overall"}
OTHER = "demo_at_128"  # the demo model with a smaller input: other masks from the same prompts


def configured(folder: Path) -> Settings:
    settings = settings_of(folder)
    path = settings.configs_dir / "models.yaml"
    rows = yaml.safe_load(path.read_text())["models"]
    rows.append({**rows[0], "name": OTHER, "image_size": 128})
    path.write_text(yaml.safe_dump({"models": rows}))
    return settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return configured(tmp_path_factory.mktemp("rebuilds"))


@pytest.fixture(scope="module")
def ada(settings: Settings) -> Iterator[Annotator]:
    """Masks of the body on frames 2 to 9, of the disc from 4 on; frame 6 is approved, 8 absent."""
    with annotating(settings) as ada:
        ada.open()
        ada.call("create_instance", video_id="clip")
        ada.click(2, *BODY)
        ada.click(4, 122.0, 70.0, instance_id=2)
        ada.call("mark_absent", **FIRST, frames=[[8, 8]], absent=True)
        ada.propagate(start=2, end=9)
        ada.call("approve", **FIRST, frames=[[6, 6]], approved=True)
        yield ada


def rebuild(ada: Annotator, **fields: Any) -> dict[str, Any]:
    job = ada.job_ended(ada.call("start_rebuild", video_id="clip", **fields)["job_id"])
    assert job["state"] == "done", job
    found: dict[str, Any] = ada.call("get_rebuild", video_id="clip", rebuild_id=job["job_id"])
    return found


def masks_on_disk(settings: Settings) -> list[bytes]:
    return [mask_bytes(settings, idx, n=n) for n in (1, 2) for idx in range(12)]


def test_the_same_model_makes_the_same_masks(ada: Annotator, settings: Settings) -> None:
    before = masks_on_disk(settings)

    report = rebuild(ada)

    body, disc = report["pairs"]
    assert [row["frame_idx"] for row in body["frames"]] == [2, 3, 4, 5, 6, 7, 9]
    assert [row["iou"] for row in body["frames"]] == [1.0] * 7
    assert [row["checked"] for row in body["frames"]] == [
        True, False, False, False, True, False, False,
    ]  # fmt: skip
    compared = {row["frame_idx"]: row["iou"] for row in disc["frames"]}
    assert compared == {2: None, 3: None, **dict.fromkeys(range(4, 10), 1.0)}
    assert (disc["compared"], disc["mean_iou"], disc["min_iou"]) == (6, 1.0, 1.0)
    assert masks_on_disk(settings) == before


def test_another_model_makes_others_which_are_taken_only_where_no_person_looked(
    ada: Annotator, settings: Settings
) -> None:
    before = masks_on_disk(settings)
    pairs = [{"instance_id": 1, "region": "overall"}]

    report = rebuild(ada, pairs=pairs, model=OTHER)

    (body,) = report["pairs"]
    assert (report["model"], 0 < body["min_iou"] < 1) == (OTHER, True)
    assert masks_on_disk(settings) == before
    named = {"video_id": "clip", "rebuild_id": report["rebuild_id"]}
    place = {**named, "instance_id": 1, "region": "overall"}
    rebuilt = ada.call("read_rebuilt_mask", **place, frame_idx=5)["data"]
    assert rebuilt != mask_bytes(settings, 5)
    with pytest.raises(MaskNotFound):
        ada.call("read_rebuilt_mask", **place, frame_idx=8)

    job = ada.job_ended(ada.call("take_rebuild", **named)["job_id"])

    assert (job["state"], job["kept"]) == ("done", 2)  # one prompted, one approved
    assert mask_bytes(settings, 5) == rebuilt
    after = masks_on_disk(settings)
    same = [idx for idx in range(12) if after[idx] == before[idx]]
    assert {2, 6, 8} <= set(same)
    assert after[12:] == before[12:]
    rows = {row["frame_idx"]: row for row in ada.call("list_masks", **FIRST)["masks"]}
    assert (rows[5]["source"], rows[5]["approved"]) == ("propagated", False)
    ada.send("undo", key=FIRST, frame_idx=5)
    ada.until(lambda: masks_on_disk(settings) == before)


def test_a_cancelled_rebuild_leaves_nothing(ada: Annotator, settings: Settings) -> None:
    job_id = ada.call("start_rebuild", video_id="clip")["job_id"]
    ada.call("cancel", job_id=job_id)

    assert ada.job_ended(job_id)["state"] == "cancelled"
    with pytest.raises(NotFound):
        ada.call("get_rebuild", video_id="clip", rebuild_id=job_id)
    assert ada.call("list_jobs")["jobs"][-1]["job_id"] == job_id


def test_what_cannot_be_rebuilt_is_refused(ada: Annotator) -> None:
    with pytest.raises(ModelNotFound):
        ada.call("start_rebuild", video_id="clip", model="sam9")
    with pytest.raises(InvalidRequest, match="lies after"):
        ada.call("start_rebuild", video_id="clip", start=8, end=3)
    job_id = ada.call("start_rebuild", video_id="clip", model="sam2.1_hiera_tiny")["job_id"]
    job = ada.job_ended(job_id)
    assert (job["state"], job["error"]["code"]) == ("failed", "model_unavailable")
    assert "models pull sam2.1_hiera_tiny" in job["error"]["hint"]


def test_a_mask_by_hand_stays_as_it_was_painted(ada: Annotator, settings: Settings) -> None:
    key = {**FIRST, "region": "wrist"}
    drawn = mask_bytes(settings, 4, n=2)
    ada.send("set_mask", key=key, frame_idx=3, mask=drawn)
    ada.until(lambda: mask_bytes(settings, 3, "wrist"))

    report = rebuild(ada, pairs=[{"instance_id": 1, "region": "wrist"}], end=4)

    (wrist,) = report["pairs"]
    assert [(row["frame_idx"], row["iou"]) for row in wrist["frames"]] == [(3, 1.0), (4, None)]
