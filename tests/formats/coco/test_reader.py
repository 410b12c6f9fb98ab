"""COCO and YouTube-VIS: shapes of every kind land on the frames of their images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import Box
from sam2_session.formats.coco.run_lengths import encode_rle, run_lengths
from sam2_session.formats.format_detection import read_document
from sam2_session.formats.importing.plan import ImportChoices, ImportPlan, NamedPoint
from tests.formats.archives import square
from tests.formats.label_studio.documents import CHOICES, facts, found, remarks

MASK = square(5)


def coco(*annotations: dict[str, Any], names: tuple[str, ...] = ("00001.jpg", "00004.jpg")) -> Any:
    return {
        "images": [{"id": at, "file_name": name} for at, name in enumerate(names, start=7)],
        "categories": [{"id": 1, "name": "shaft"},
                       {"id": 2, "name": "hand", "keypoints": ["tip", "root"]}],
        "annotations": [{"id": at, "category_id": 1, "image_id": 7, **one}
                        for at, one in enumerate(annotations, start=1)],
    }  # fmt: skip


def plan_of(document: Any, choices: ImportChoices = CHOICES) -> ImportPlan:
    return read_document(document, facts(), choices)


def mask_of(plan: ImportPlan) -> Any:
    return plan.items[0].content.read()  # type: ignore[union-attr]


def test_images_of_another_video_of_the_file_are_left_out() -> None:
    """Ids of images and of videos are told apart: image 2 is of video 1."""
    videos = [{"id": 1, "name": "clip.mp4"}, {"id": 2, "name": "other.mp4"}]
    images = [
        {"id": at, "file_name": f"{at}.jpg", "video_id": video, "frame_idx": at}
        for at, video in ((1, 2), (2, 1), (3, 2))
    ]
    rows = [{"id": at, "image_id": at, "category_id": 1, "bbox": [9, 9, 9, 9]} for at in (1, 2, 3)]
    plan = plan_of({"videos": videos, "images": images, "annotations": rows})

    assert [item.frame_idx for item in plan.items] == [2]


def test_an_id_of_two_images_is_none_of_them() -> None:
    document = coco({"bbox": [10, 20, 30, 40]})
    document["images"].append({"id": 7, "file_name": "00009.jpg"})

    assert remarks(plan_of(document), "skipped") == [
        "Several images of the file have the id of its image."
    ]


def test_two_videos_of_one_name_are_asked_about() -> None:
    videos = [{"id": at, "name": "clip.mp4", "file_names": ["1.jpg"]} for at in ("a", "b")]
    rows = [{"id": at, "video_id": at, "segmentations": [encode_rle(MASK)]} for at in ("a", "b")]
    document = {"videos": videos, "annotations": rows}

    assert plan_of(document).needs == "task"
    chosen = plan_of(document, replace(CHOICES, task="clip.mp4 (b)"))
    assert len(chosen.items) == 1


def test_a_track_of_a_video_that_is_not_there_is_reported() -> None:
    row = {"id": 1, "video_id": 9, "segmentations": [encode_rle(MASK)]}
    plan = plan_of({"videos": [{"id": 1, "file_names": ["1.jpg"]}], "annotations": [row]})

    assert (plan.items, remarks(plan, "skipped")) == ((), ["It belongs to no video of the file."])


@pytest.mark.parametrize(
    "shape", [encode_rle(MASK), {"size": [90, 160], "counts": run_lengths(MASK).tolist()}]
)
def test_run_lengths_come_back_pixel_by_pixel(shape: Any) -> None:
    plan = plan_of(coco({"segmentation": shape, "image_id": 8}))

    assert found(plan) == [("shaft", 3, "mask")]
    assert np.array_equal(mask_of(plan), MASK)


def test_polygons_of_one_object_are_one_mask() -> None:
    rings = [[12, 10, 22, 10, 22, 20, 12, 20], [100, 50, 110, 50, 110, 60, 100, 60]]
    mask = mask_of(plan_of(coco({"segmentation": rings})))

    assert (mask.sum(), mask[10:20, 12:22].all(), mask[50:60, 100:110].all()) == (200, True, True)


def test_without_a_shape_the_box_counts() -> None:
    plan = plan_of(coco({"bbox": [10, 20, 30, 40]}))

    assert [item.content for item in plan.items] == [Box(10, 20, 40, 60)]


def test_keypoints_have_the_names_of_their_category() -> None:
    plan = plan_of(coco({"keypoints": [1, 2, 2, 0, 0, 0, 3, 4, 1], "category_id": 2}))

    assert [item.content for item in plan.items] == [
        NamedPoint(1, 2, "tip", True),
        NamedPoint(3, 4, "point 3", False),
    ]


def test_tracks_are_instances_and_our_own_attributes_say_which() -> None:
    shape = {"segmentation": encode_rle(MASK)}
    ours = {"attributes": {"instance_id": 4, "instance": "left", "region": "wrist"}}
    plan = plan_of(coco({**shape, "track_id": 1}, {**shape, "track_id": 2}, {**shape, **ours}))

    said = [(subject.group, subject.instance_id, subject.region) for subject in plan.subjects]
    assert said == [("1", None, "shaft"), ("2", None, "shaft"), ("left", 4, "wrist")]


def test_an_image_may_say_its_frame_itself() -> None:
    document = coco({"bbox": [10, 20, 30, 40]})
    document["images"][0]["frame_idx"] = 44

    assert [item.frame_idx for item in plan_of(document).items] == [44]


def test_a_chosen_offset_moves_images_that_say_their_frame_too() -> None:
    document = coco({"bbox": [1, 1, 9, 9]}, names=("00012.jpg",))
    document["images"][0]["frame_idx"] = 11
    as_said, moved = plan_of(document), plan_of(document, ImportChoices(frame_offset=5))

    assert (as_said.items[0].frame_idx, as_said.frame_offset) == (11, 0)
    assert (moved.items[0].frame_idx, moved.frame_offset) == (16, 5)


@pytest.mark.parametrize("said", [2**40, "3", 1.5, [0]])
def test_a_frame_number_that_is_none_is_reported_and_never_guessed(said: Any) -> None:
    document = coco({"bbox": [10, 20, 30, 40]})
    document["images"][0]["frame_idx"] = said

    plan = plan_of(document)
    assert (plan.items, remarks(plan, "skipped")) == ((), ["Its image's frame number is none."])


def test_images_without_numbers_follow_each_other_and_that_is_said() -> None:
    names = (f"{2**40}.jpg", "b.jpg")
    plan = plan_of(coco({"bbox": [1, 2, 30, 40], "image_id": 8}, names=names))

    assert found(plan) == [("shaft", 1, "box")]
    assert [remark.split(";")[0] for remark in remarks(plan, "warning")] == [
        "Its name has no frame number"
    ]


def test_an_outline_that_would_take_a_gigabyte_is_refused_when_it_is_read() -> None:
    zigzag = [value for at in range(200_000) for value in (at % 160, 90 * (at % 2))]

    with pytest.raises(InvalidPrompt, match="too intricate"):
        mask_of(plan_of(coco({"segmentation": [zigzag]})))


def test_a_video_has_one_annotation_for_each_track() -> None:
    masks = [encode_rle(square(at)) if at != 1 else None for at in range(3)]
    document = {
        "videos": [{"id": 1, "file_names": [f"clip/{at:05d}.jpg" for at in (0, 1, 2)]}],
        "categories": [{"id": 1, "name": "shaft"}],
        "annotations": [{"id": 6, "video_id": 1, "category_id": 1, "segmentations": masks}],
    }

    assert found(plan_of(document)) == [("shaft", 0, "mask"), ("shaft", 2, "mask")]


@pytest.mark.parametrize(
    "shape",
    [7, "x", [[1, 2, 3]], [[1, 2, 3, 4, 5, "6"]], {"size": [90]}, {"size": [90, 160], "counts": 3},
     {"size": [10**6, 10**6], "counts": "0"}, {"size": [-1, -1], "counts": []}],
)  # fmt: skip
def test_shapes_that_are_none_are_reported(shape: Any) -> None:
    plan = plan_of(coco({"segmentation": shape}))

    assert plan.items == ()
    assert remarks(plan, "skipped") == ["The segmentation is neither run lengths nor polygons."]


@pytest.mark.parametrize(
    "counts", ["", "0", "~~~", "é", [1, 2], [-5, 14405], ["a"], [None], [10**30]]
)
def test_run_lengths_that_do_not_add_up_are_refused_when_they_are_read(counts: Any) -> None:
    plan = plan_of(coco({"segmentation": {"size": [90, 160], "counts": counts}}))

    with pytest.raises(InvalidPrompt, match="do not make a mask"):
        mask_of(plan)


@pytest.mark.parametrize(
    "row", [{"image_id": 99, "bbox": [1, 2, 3, 4]}, {"bbox": None}, {}, {"bbox": [1, 2]}]
)
def test_rows_without_place_are_reported(row: Any) -> None:
    plan = plan_of(coco(row))

    assert (plan.items, len(plan.notes)) == ((), 1)


def test_pycocotools_reads_and_writes_the_same() -> None:
    masks = pytest.importorskip("pycocotools.mask", reason="only an oracle")
    theirs = masks.encode(np.asfortranarray(MASK.astype(np.uint8)))
    shape = {"size": [90, 160], "counts": theirs["counts"].decode()}

    assert np.array_equal(mask_of(plan_of(coco({"segmentation": shape}))), MASK)
