"""Label Studio's image tasks: points, boxes, polygons and brushes land on the named frames."""

from __future__ import annotations

import base64
import time
from typing import Any

import cv2
import numpy as np
import orjson
import pytest

from sam2_session.core.errors import InvalidPrompt, UnsupportedImport
from sam2_session.core.types import Box, Point
from sam2_session.formats.importing.json_input import load_json
from sam2_session.formats.label_studio.reader import read_label_studio
from tests.formats.label_studio.brush_streams import brush_of
from tests.formats.label_studio.documents import (
    CHOICES,
    annotated,
    drawn,
    facts,
    found,
    image_task,
    plan_of,
    remarks,
    task,
)

DOT = {"x": 50.0, "y": 50.0, "width": 0.5}


def mask_of(plan: Any, at: int = 0) -> Any:
    return plan.items[at].content.read()


def test_the_upload_prefix_and_the_query_are_no_part_of_the_number() -> None:
    plan = plan_of(image_task(drawn("keypoint", **DOT), image="/data/1a2b3c4d-00012.png?x=1"))

    assert found(plan) == [("shaft", 12, "point")]
    assert (plan.frame_offset, plan.first_file) == (0, "00012.png")


@pytest.mark.parametrize(
    ("names", "frames"),
    [
        (["00001.png", "00005.png"], [0, 4]),  # none is 0, the smallest is 1
        (["f_0.png", "f_5.png"], [0, 5]),
        (["clip7_00030.jpg", "clip7_00050.jpg"], [29, 49]),  # the largest is the count of frames
        (["a.png", "b.png"], [0, 1]),  # the order of tasks
        (["/data/local-files/?d=x/00003.jpg", "/data/local-files/?d=x/00007.jpg"], [3, 7]),
        (["s3://bucket/x/00003.jpg", "s3://bucket/x/00007.jpg"], [3, 7]),
        (
            [
                f"/tasks/9/resolve/?fileuri={base64.b64encode(name).decode()}"
                for name in (b"s3://b/00003.jpg", b"s3://b/00007.jpg")
            ],
            [3, 7],
        ),
    ],
)
def test_numbers_begin_at_1_unless_one_says_otherwise(names: list[str], frames: list[int]) -> None:
    tasks = [image_task(drawn("keypoint", **DOT), image=name, task_id=at)
             for at, name in enumerate(names, start=1)]  # fmt: skip

    assert [item.frame_idx for item in plan_of(*tasks).items] == frames


def test_the_user_sets_the_offset() -> None:
    plan = plan_of(image_task(drawn("keypoint", **DOT), image="00012.png"), frame_offset=-10)

    assert [item.frame_idx for item in plan.items] == [2]


def test_what_the_data_says_goes_before_the_name() -> None:
    plan = plan_of(task(drawn("keypoint", **DOT), image="00012.png", frame_index=33))

    assert [item.frame_idx for item in plan.items] == [33]


def test_an_image_beyond_the_end_is_skipped_and_not_clamped() -> None:
    plan = plan_of(image_task(drawn("keypoint", **DOT), image="00400.png"))

    assert plan.items == ()
    assert "outside the video" in remarks(plan, "skipped")[0]


def test_item_index_names_the_image_of_a_task_of_several() -> None:
    names = [f"00{at:03d}.png" for at in (10, 20, 30, 40)]
    plan = plan_of(task(drawn("keypoint", **DOT, item_index=3), images=names))

    assert [item.frame_idx for item in plan.items] == [40]


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"is_positive": True}, 1),
        ({"is_positive": False}, 0),
        ({"positive": False}, 0),
        ({}, 1),
        ({"is_positive": True, "positive": False}, 1),
    ],
)
def test_smart_points_say_whether_they_are_positive(fields: dict[str, Any], label: int) -> None:
    plan = plan_of(image_task(drawn("keypoint", **DOT, **fields)))

    assert [item.content for item in plan.items] == [Point(80, 45, label)]


def test_a_point_labelled_background_is_negative_for_what_is_there() -> None:
    inside = drawn("keypoint", "a", **DOT)
    outside = drawn("keypoint", "b", x=10.0, y=10.0, labels=["Background"])
    plan = plan_of(image_task(outside, inside))

    assert [item.content for item in plan.items] == [Point(80, 45, 1), Point(16, 9, 0)]
    assert {item.subject for item in plan.items} == {"shaft"}


def test_negative_labels_are_the_users() -> None:
    dots = [drawn("keypoint", "a", **DOT), drawn("keypoint", "b", **DOT, labels=["not"])]

    plan = plan_of(image_task(*dots), negative_labels=frozenset({"not"}))
    assert [item.content.label for item in plan.items] == [1, 0]  # type: ignore[union-attr]


def test_a_label_may_stand_for_keypoints_of_the_dataset() -> None:
    plan = plan_of(
        image_task(drawn("keypoint", **DOT, labels=["tip"])), keypoint_labels=frozenset({"tip"})
    )

    assert found(plan) == [("tip", 0, "keypoint")]
    assert plan.items[0].content.name == "tip"  # type: ignore[union-attr]


def test_points_outside_are_put_inside_and_reported() -> None:
    plan = plan_of(image_task(drawn("keypoint", x=100.0, y=120.0)))

    (item,) = plan.items
    assert item.content == Point(160 - 1e-3, 90 - 1e-3, 1)
    assert remarks(plan, "clamped") == ["The point lay outside the frame."]


def test_percent_are_of_our_frame_whatever_size_was_annotated() -> None:
    small = drawn("rectangle", x=25.0, y=50.0, width=50.0, height=50.0,
                  original_width=80, original_height=45)  # fmt: skip

    assert [item.content for item in plan_of(image_task(small)).items] == [Box(40, 45, 120, 90)]


def test_boxes_of_one_label_go_from_left_to_right_with_a_warning() -> None:
    side = {"y": 10.0, "width": 10.0, "height": 10.0}
    plan = plan_of(
        image_task(drawn("rectangle", "b", x=60.0, **side), drawn("rectangle", "a", x=5.0, **side))
    )

    at = {subject.name: subject.group for subject in plan.subjects}
    boxes = {item.subject: item.content for item in plan.items}
    assert {at[name]: box.x0 for name, box in boxes.items()} == {"1": 8.0, "2": 96.0}  # type: ignore[union-attr]
    assert "left to right" in remarks(plan, "warning")[0]


def test_what_is_written_about_a_region_says_which_instance_it_is() -> None:
    shapes = [drawn("rectangle", name, x=x, y=1.0, width=9.0, height=9.0, meta={"text": [name]})
              for name, x in (("left", 70.0), ("right", 5.0))]  # fmt: skip
    plan = plan_of(image_task(*shapes))

    assert {subject.group for subject in plan.subjects} == {"left", "right"}
    assert remarks(plan, "warning") == []


def test_a_polygon_covers_the_pixels_inside_it() -> None:
    square = [[10.0, 10.0], [60.0, 10.0], [60.0, 60.0], [10.0, 60.0]]
    mask = mask_of(plan_of(image_task(drawn("polygon", points=square))))

    assert mask.sum() == 80 * 45
    assert mask[9:54, 16:96].all()


@pytest.mark.parametrize(
    "points", [[], [[1, 1], [2, 2]], [[1, 1], [2, 2], ["x", 3]], 7, [[1, 1, 1]] * 3]
)
def test_a_polygon_of_less_than_three_points_is_skipped(points: object) -> None:
    plan = plan_of(image_task(drawn("polygon", points=points)))

    assert (plan.items, remarks(plan, "skipped")) == ((), ["The polygon is not whole."])


def test_an_ellipse_has_the_area_of_one() -> None:
    round_one = drawn("ellipse", x=50.0, y=50.0, radiusX=25.0, radiusY=40.0)

    assert mask_of(plan_of(image_task(round_one))).sum() == pytest.approx(np.pi * 40 * 36, rel=0.01)


def test_a_brush_comes_back_pixel_by_pixel() -> None:
    mask = np.random.default_rng(3).random((90, 160)) > 0.7
    plan = plan_of(image_task(drawn("brush", format="rle", rle=brush_of(mask))))

    assert np.array_equal(mask_of(plan), mask)


def test_a_brush_of_half_the_size_is_brought_to_ours() -> None:
    half = np.zeros((45, 80), np.bool_)
    half[10:20, 30:40] = True
    region = drawn("brush", rle=brush_of(half), original_width=80, original_height=45)

    mask = mask_of(plan_of(image_task(region)))
    assert mask.shape == (90, 160)
    assert np.array_equal(mask[::2, ::2], half)


def test_a_brush_that_does_not_fit_its_size_is_reported_with_both_counts() -> None:
    region = drawn("brush", rle=brush_of(np.ones((4, 4), np.bool_)))

    plan = plan_of(image_task(region))
    assert plan.items == ()
    assert remarks(plan, "skipped") == ["The brush holds 64 values; 160x90 pixels need 57600."]


def png_url(picture: Any) -> str:
    data = cv2.imencode(".png", picture)[1].tobytes()
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def test_a_bitmask_is_where_it_is_opaque() -> None:
    picture = np.zeros((90, 160, 4), np.uint8)  # black everywhere
    picture[5:10, 7:9, 3] = 255

    mask = mask_of(plan_of(image_task(drawn("bitmask", imageDataURL=png_url(picture)))))
    assert (mask.sum(), mask[5:10, 7:9].all()) == (10, True)


def test_a_bitmask_without_alpha_is_where_it_is_light() -> None:
    picture = np.zeros((90, 160), np.uint8)
    picture[1, 1:4] = (127, 128, 255)

    mask = mask_of(plan_of(image_task(drawn("bitmask", imageDataURL=png_url(picture)))))
    assert np.argwhere(mask).tolist() == [[1, 2], [1, 3]]


def test_a_bitmask_that_claims_a_huge_picture_is_skipped_before_it_is_decoded() -> None:
    head = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\x00\x01\x00\x00" * 2 + b"\0" * 20
    url = f"data:image/png;base64,{base64.b64encode(head).decode()}"

    plan = plan_of(image_task(drawn("bitmask", imageDataURL=url)))
    assert remarks(plan, "skipped") == ["The picture is 65536x65536; a side has at most 8192."]


@pytest.mark.parametrize("code", ["\u20ac", "AAA", "====", "A A A A"])
def test_a_bitmask_whose_code_is_broken_is_skipped(code: str) -> None:
    plan = plan_of(image_task(drawn("bitmask", imageDataURL=f"data:image/png;base64,{code}")))

    assert plan.items == ()
    assert len(remarks(plan, "skipped")) == 1


def test_an_image_that_was_turned_is_skipped() -> None:
    plan = plan_of(image_task(drawn("keypoint", **DOT, image_rotation=90)))

    assert remarks(plan, "skipped") == ["The image was turned while it was annotated."]


def test_two_annotators_are_the_users_choice_over_all_images() -> None:
    both = [annotated(by, "2026", drawn("keypoint", **DOT)) for by in (7, 8)]
    document = [{"id": 1, "data": {"image": "00001.png"}, "annotations": both}]

    plan = read_label_studio(document, facts(), CHOICES)
    assert (plan.needs, [candidate.value for candidate in plan.annotators]) == (
        "annotator",
        ["7", "8"],
    )


def test_names_in_any_script_lead_to_their_subject() -> None:
    plan = plan_of(image_task(drawn("keypoint", **DOT, labels=["щипцы ✂"])))

    assert [subject.label for subject in plan.subjects] == ["щипцы ✂"]


def test_fifty_megabytes_are_read_in_seconds() -> None:
    rng = np.random.default_rng(0)
    regions = [
        drawn("brush", f"r{at}", rle=rng.integers(0, 256, 60_000).tolist()) for at in range(230)
    ]
    data = orjson.dumps([image_task(*regions)])

    started = time.process_time()
    plan = read_label_studio(load_json(data), facts(), CHOICES)
    assert len(data) > 45_000_000
    assert time.process_time() - started < 20
    assert sum(note.count for note in plan.notes) == 230  # noise is no brush


def test_a_broken_brush_is_only_found_when_it_is_read() -> None:
    rle = brush_of(np.ones((90, 160), np.bool_))[:9]
    plan = plan_of(image_task(drawn("brush", rle=rle)))

    with pytest.raises(InvalidPrompt, match="ends early"):
        mask_of(plan)


def flat(image: str, task_id: int = 1, **controls: Any) -> dict[str, Any]:
    """A row of JSON_MIN: the values of each control, without types and ids."""
    facts_of = {"annotator": 1, "annotation_id": 10 * task_id, "lead_time": 2.5}
    return {"image": image, "id": task_id, **controls, **facts_of}


SQUARE = {"original_width": 160, "original_height": 90, "x": 10, "y": 20, "width": 30, "height": 40}
MINIMAL = [
    ({"rectanglelabels": ["shaft"], **SQUARE, "rotation": 0}, "box"),
    ({"polygonlabels": ["shaft"], "points": [[10, 10], [50, 10], [50, 50]]}, "mask"),
    ({"ellipselabels": ["shaft"], "x": 50, "y": 50, "radiusX": 9, "radiusY": 9}, "mask"),
    ({"keypointlabels": ["shaft"], "x": 10, "y": 20, "width": 0.3}, "point"),
    ({"labels": ["shaft"], "points": [[10, 10], [50, 10], [50, 50]]}, "mask"),
]


@pytest.mark.parametrize(("value", "kind"), MINIMAL)
def test_shapes_of_the_flat_form_are_told_by_their_fields(value: Any, kind: str) -> None:
    plan = read_label_studio([flat("f_00003.jpg", label=[value])], facts(), CHOICES)

    assert found(plan) == [("shaft", 3, kind)]
    assert "JSON_MIN" in remarks(plan, "warning")[0]


def test_a_shape_and_its_labels_at_two_controls_of_the_flat_form_are_one() -> None:
    row = flat("f_00003.jpg", box=[SQUARE], label=[{**SQUARE, "labels": ["shaft"]}])

    assert found(read_label_studio([row], facts(), CHOICES)) == [("shaft", 3, "box")]


def test_two_annotators_of_the_flat_form_are_asked_for() -> None:
    value = MINIMAL[0][0]
    rows = [{**flat("f_00003.jpg", label=[value]), "annotator": by} for by in (1, 2)]

    assert read_label_studio(rows, facts(), CHOICES).needs == "annotator"


def test_several_images_in_a_row_of_the_flat_form_are_refused() -> None:
    row = {**flat("", label=[MINIMAL[0][0]]), "image": "a.jpg", "images": ["/a/1.jpg", "/a/2.jpg"]}

    with pytest.raises(UnsupportedImport, match="on which image"):
        read_label_studio([row], facts(), CHOICES)
