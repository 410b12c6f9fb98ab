"""A restart, a second key press and a slow model do not change a run."""

from __future__ import annotations

import json

from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, mask_bytes

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


def test_a_click_before_the_model_is_loaded_is_answered_by_it(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
    with annotating(settings, first_seq=100) as ada:
        ada.send("open_video", video_id="clip")
        ack = ada.send("add_point", key=KEY, frame_idx=0, x=30, y=30, label=1)
        ada.until(lambda: ada.of("mask"))

    assert ack["status"] == "applied"
    assert [(one["seq"], one["state"]) for one in ada.of("mask")] == [(ack["seq"], "drawn")]


def test_propagate_pressed_twice_is_one_run(ada: Annotator) -> None:
    ada.click(0, *BODY)

    first = ada.send("propagate", video_id="clip", pairs="all")
    second = ada.send("propagate", video_id="clip", pairs="all")
    ada.job_ended(first["job_id"])

    assert second["status"] == "rejected" or second["job_id"] == first["job_id"]
    runs = [job for job in ada.call("list_jobs")["jobs"] if job["kind"] == "propagate"]
    assert len(runs) == 1


def test_a_finished_job_is_still_known_after_a_restart(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        job = ada.propagate()
    with annotating(settings) as ada:
        assert ada.call("get_job", job_id=job["job_id"])["state"] == "done"


def test_masks_are_not_stale_after_a_restart(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        ada.propagate()
    with annotating(settings, first_seq=100) as ada:
        ack = ada.open()
        masks = ack["masks"][0]["masks"] + ada.call("list_masks", **KEY)["masks"]

    assert {mask["stale"] for mask in masks} == {False}


def test_a_mask_file_that_a_person_put_there_goes_to_the_trash(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
    stray = settings.outputs_dir / "clip/instance1/masks_overall/00009.png"
    stray.write_bytes(b"mine")

    with annotating(settings):
        kept = list((settings.outputs_dir / ".trash").glob("*/00009.png"))

    assert not stray.exists()
    assert [path.read_bytes() for path in kept] == [b"mine"]


def test_files_that_match_the_database_are_left_alone(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
    path = settings.outputs_dir / "clip/instance1/points_overall.json"
    before = path.stat().st_ino

    with annotating(settings):
        untouched = path.stat().st_ino == before
    path.write_text("{}")
    with annotating(settings):
        mended = json.loads(path.read_text())

    assert untouched
    assert mended["frames"][0]["frame_idx"] == 0


def test_a_mask_file_that_was_deleted_does_not_stop_clicks(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    (settings.outputs_dir / "clip/instance1/masks_overall/00005.png").unlink()

    ack = ada.click(4, 40, 30)

    assert ack["status"] == "applied"
    assert mask_bytes(settings, 4)


def test_a_locked_instance_is_not_propagated(ada: Annotator) -> None:
    ada.click(0, *BODY)
    ada.call("update_instance", video_id="clip", instance_id=1, locked=True)

    named = ada.send("propagate", video_id="clip", pairs=[{"instance_id": 1, "region": "overall"}])
    every = ada.send("propagate", video_id="clip", pairs="all")

    assert named["error"]["code"] == "conflict"
    assert every["error"]["code"] == "nothing_to_do"


def test_the_revision_of_the_prompts_counts_removed_ones_too(ada: Annotator) -> None:
    ada.call("replace_prompts", **KEY, frame_idx=0, points=[{"x": 30, "y": 30, "label": 1}])
    ada.call("clear_frame", **KEY, frame_idx=0)
    rev = ada.call("get_prompts", **KEY)["rev"]

    again = ada.call(
        "replace_prompts",
        **KEY,
        frame_idx=0,
        points=[{"x": 30, "y": 30, "label": 1}],
        base_rev=rev,
    )

    assert again["rev"] > rev
    assert again["mask"]["area"] > 0
