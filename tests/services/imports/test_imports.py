"""Imports: looked at without a trace, made all at once, and never over people's work."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sam2_session.core.errors import InvalidRequest, UnsupportedImport, VideoNotReady
from sam2_session.core.png import encode_gray8
from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, mask_array, mask_bytes, points_json
from tests.formats.archives import mask_png, square
from tests.services.imports.conftest import Importer
from tests.services.imports.steps import BOX, KEY, SIZE_HW, everything, listed, masks_of, prompts


def test_a_dry_run_tells_what_becomes_of_what_and_changes_nothing(
    importer: Importer, ada: Annotator, settings: Settings
) -> None:
    before = everything(settings, ada)
    report = importer.look(
        {"prompts": [*BOX["prompts"], {"frame": 99, "x": 1, "y": 1, "label": 1}]}
    )

    (item,) = report["items"]
    assert (item["becomes"], item["frame_idx"], item["box"]) == ("box", 2, [10, 10, 70, 50])
    target = {"instance_id": 1, "new_instance": None, "region": "overall", "class_name": None}
    assert item["target"] == target
    assert (report["counts"]["boxes"], report["counts"]["skipped"]) == (1, 1)
    assert {name: count for name, count in report["taken"].items() if count} == {
        "frames": 1,
        "boxes": 1,
    }
    assert everything(settings, ada) == before
    kept = {path.stem for path in settings.videos_dir.glob(".upload*")}
    assert kept == {f".upload-{report['file_id']}"}


def test_boxes_and_points_become_prompts_with_masks(
    importer: Importer, ada: Annotator, drawn: Callable[[int], None], settings: Settings
) -> None:
    x, y = BODY
    rows = [*BOX["prompts"], {"frame": 2, "x": x, "y": y, "label": 1}]
    assert importer.take({"prompts": rows})["state"] == "done"

    drawn(2)
    point = {"x": x, "y": y, "label": 1}
    assert prompts(ada) == [(2, [point], [10, 10, 70, 50])]
    assert points_json(settings)["frames"][0]["points"] == [point]
    assert listed(ada) == [(2, "human")]


def test_what_comes_in_is_counted_without_what_is_left_out(
    importer: Importer, ada: Annotator
) -> None:
    masks = importer.zip({**masks_of(0, 3), **masks_of(5, folder="instance1/masks_shaft")})
    report = importer.look(masks, mapping={"instance1/shaft": None})
    importer.take(masks, mapping={"instance1/shaft": None})

    (logged,) = ada.call("list_imports", video_id="clip")["imports"]
    assert (report["counts"]["masks"], report["taken"]["masks"]) == (3, 2)
    assert logged["counts"] == report["taken"]


def test_masks_become_imported_masks_pixel_by_pixel(
    importer: Importer, ada: Annotator, settings: Settings
) -> None:
    importer.take(importer.zip(masks_of(0, 3)))

    assert listed(ada) == [(0, "imported"), (3, "imported")]
    assert np.array_equal(mask_array(settings, 3) > 0, square(3, SIZE_HW))
    assert prompts(ada) == []


def test_masks_may_become_prompts(
    importer: Importer, ada: Annotator, drawn: Callable[[int], None], settings: Settings
) -> None:
    importer.take(importer.zip(masks_of(3)), masks_as="prompts")

    drawn(3)
    assert listed(ada) == [(3, "human")]
    assert np.array_equal(mask_array(settings, 3) > 0, square(3, SIZE_HW))


def test_masks_of_one_pair_and_frame_become_one(importer: Importer, settings: Settings) -> None:
    files = {"a/1.png": mask_png(0, SIZE_HW), "b/1.png": mask_png(30, SIZE_HW)}
    both = {name: {"instance_id": 1, "region": "overall"} for name in "ab"}

    importer.take(importer.zip(files), mapping=both)
    assert np.array_equal(mask_array(settings, 0) > 0, square(0, SIZE_HW) | square(30, SIZE_HW))


def test_frames_a_person_prompted_are_kept_unless_they_are_to_be_replaced(
    importer: Importer, ada: Annotator, settings: Settings
) -> None:
    ada.click(3, *BODY)
    clicked = mask_bytes(settings, 3)
    importer.take(importer.zip(masks_of(2, 3)))
    assert mask_bytes(settings, 3) == clicked

    importer.take(importer.zip(masks_of(3)), existing="replace")
    assert listed(ada) == [(2, "imported"), (3, "imported")]
    ada.call("undo", **KEY, frame_idx=3)
    assert mask_bytes(settings, 3) == clicked


def test_new_instances_are_made_and_go_with_the_undo(importer: Importer, ada: Annotator) -> None:
    files = masks_of(0, folder="left_shaft") | masks_of(0, folder="right_shaft")
    job = importer.take(importer.zip(files))

    names = [one["name"] for one in ada.call("list_instances", video_id="clip")["instances"]]
    assert names == ["tool 1", "right"]
    assert listed(ada, instance_id=2, region="shaft") == [(0, "imported")]
    importer.undo(job)
    assert len(ada.call("list_instances", video_id="clip")["instances"]) == 1


def test_ids_of_another_copy_are_kept(importer: Importer, ada: Annotator) -> None:
    importer.take(importer.zip(masks_of(1, folder="instance4/masks_wrist")))

    assert listed(ada, instance_id=4, region="wrist") == [(1, "imported")]


def test_the_mapping_is_the_users_and_is_remembered(importer: Importer, ada: Annotator) -> None:
    there = {"thing": {"instance_id": None, "region": "gripper"}, "junk": None}
    files = masks_of(0, folder="thing") | masks_of(0, folder="junk")
    importer.take(importer.zip(files), mapping=there)
    assert listed(ada, instance_id=2, region="gripper") == [(0, "imported")]

    report = importer.look(importer.zip(masks_of(2, folder="thing") | masks_of(2, folder="junk")))
    targets = {one["name"]: one["target"] for one in report["subjects"]}
    assert targets["thing"]["instance_id"] == 2
    assert (targets["thing"]["region"], targets["junk"]) == ("gripper", None)


def test_a_locked_instance_is_left_alone(importer: Importer, ada: Annotator) -> None:
    ada.call("update_instance", video_id="clip", instance_id=1, locked=True)
    job = importer.take(
        importer.zip(masks_of(2)), mapping={"instance1/overall": {"instance_id": 1}}
    )

    assert (job["state"], job["error"]["code"]) == ("failed", "nothing_to_do")
    assert listed(ada) == []


def test_keypoints_come_in_beside_those_that_are_there(importer: Importer, ada: Annotator) -> None:
    rows = [
        {"frame_idx": 1, "x": 5, "y": 6, "name": "tip"},
        {"frame_idx": 1, "x": 7, "y": 8, "name": "root"},
    ]
    ada.call("replace_keypoints", video_id="clip", instance_id=1,
             keypoints=[{"frame_idx": 1, "x": 50, "y": 60, "name": "tip"}])  # fmt: skip
    job = importer.take({"keypoints": rows, "instance_id": 1})

    def points() -> list[Any]:
        found = ada.call("get_keypoints", video_id="clip", instance_id=1)["keypoints"]
        return [(one["name"], one["x"]) for one in found]

    assert points() == [("tip", 50), ("root", 7)]
    importer.undo(job)
    assert points() == [("tip", 50)]


def test_a_broken_mask_is_left_out_and_named(importer: Importer, ada: Annotator) -> None:
    files = masks_of(1, 2)
    files["instance1/masks_overall/00003.png"] = mask_png(2, SIZE_HW)[:70]
    importer.take(importer.zip(files))

    assert listed(ada) == [(1, "imported")]
    (record,) = ada.call("list_imports", video_id="clip")["imports"]
    assert [note["why"] for note in record["notes"]] == ["The picture is broken."]


def test_a_choice_that_is_left_open_changes_nothing(importer: Importer, ada: Annotator) -> None:
    document = [{"id": at, "data": {"video": f"{at}.mp4"}, "annotations": []} for at in (1, 2)]
    job = importer.take(document)

    assert (job["state"], job["error"]["code"]) == ("failed", "invalid_request")
    assert "task" in job["error"]["message"]
    assert importer.look(document)["needs"] == "task"


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04 no zip", b"[1, 2", b"{}"])
def test_a_file_that_cannot_be_read_changes_nothing(
    importer: Importer, ada: Annotator, data: bytes
) -> None:
    with pytest.raises(UnsupportedImport):
        importer.send(data, dry_run=True)
    job = importer.ended(importer.send(data)["job_id"])

    assert (job["state"], job["error"]["code"]) == ("failed", "unsupported_import")
    assert ada.call("list_imports", video_id="clip")["imports"] == []


@pytest.mark.parametrize(
    "options",
    [{"x": 1}, {"masks_as": "x"}, {"existing": 1}, {"frame_offset": "1"}, {"mapping": []},
     {"mapping": {"a": 1}}, {"mapping": {"a": {"region": "nose"}}},
     {"mapping": {"a": {"instance_id": 0}}}, {"keypoint_labels": "tip"}, {"task": []}],
)  # fmt: skip
def test_options_that_cannot_be_are_refused(importer: Importer, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        importer.look(BOX, **options)


def test_an_import_waits_for_no_run_and_writes_into_none(
    importer: Importer, ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    ada.send("propagate", video_id="clip", pairs="all")
    job = importer.take(importer.zip(masks_of(9)))

    assert job["state"] == "done" or job["error"]["code"] == "conflict"


def test_a_run_goes_from_imported_mask_prompts(importer: Importer, ada: Annotator) -> None:
    body = np.zeros(SIZE_HW, np.bool_)
    body[12:48, 10:60] = True
    importer.take(
        importer.zip({"instance1/masks_overall/00001.png": encode_gray8(body)}), masks_as="prompts"
    )

    assert ada.propagate()["state"] == "done"
    assert [source for _, source in listed(ada)] == ["human"] + ["propagated"] * 11


def test_json_and_masks_match_what_the_records_say(
    importer: Importer, ada: Annotator, settings: Settings
) -> None:
    importer.take(importer.zip(masks_of(2)))

    path = settings.outputs_dir / "clip/instance1/masks_overall/00003.png"
    assert path.read_bytes() == mask_png(2, SIZE_HW)
    (mask,) = ada.call("list_masks", **KEY)["masks"]
    assert (mask["area"], mask["box"], mask["stale"]) == (100, [9, 7, 19, 17], False)
    assert json.loads(json.dumps(mask))["score"] is None


def test_frames_that_are_not_extracted_yet_can_hold_no_import(
    importer: Importer, ada: Annotator
) -> None:
    table = ada.services._videos._table
    row = table.row("clip")
    table.update(
        "clip", record=type(row.record)(row.record.video_id, row.record.source, row.record.probe)
    )

    with pytest.raises(VideoNotReady, match="still being extracted"):
        importer.look(BOX)


def test_absent_frames_are_kept_like_prompted_ones(
    importer: Importer, ada: Annotator, drawn: Callable[[int], None]
) -> None:
    ada.call("mark_absent", **KEY, frames=[[2, 3]], absent=True)

    importer.take(importer.zip(masks_of(3, 4)))
    assert listed(ada) == [(2, "human"), (3, "human"), (4, "imported")]

    importer.take(importer.zip(masks_of(3)), existing="replace")
    assert listed(ada) == [(2, "human"), (3, "imported"), (4, "imported")]


def test_an_import_is_done_once_the_masks_of_its_prompts_are_there(
    importer: Importer, ada: Annotator
) -> None:
    rows = [{"frame": at, "box": [10, 10, 70, 50]} for at in range(9)]
    job_id = importer.send(json.dumps({"prompts": rows}).encode())["job_id"]
    notes = set()

    def is_done() -> bool:
        job = ada.call("get_job", job_id=job_id)
        notes.add(job["note"])
        if job["state"] == "done":
            assert len(listed(ada)) == 9
        return bool(job["state"] == "done")

    ada.until(is_done)
    assert any(note and note.startswith("Masks are being drawn: ") for note in notes)
    job = ada.call("get_job", job_id=job_id)
    assert (job["done"], job["total"], job["note"]) == (18, 18, None)


def test_every_mask_that_is_read_is_counted_again_when_it_is_written(
    importer: Importer, ada: Annotator
) -> None:
    job = importer.take(importer.zip(masks_of(*range(12))))

    assert (job["done"], job["total"], job["note"]) == (24, 24, None)
