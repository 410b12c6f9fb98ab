"""Files of other programs give the right value, a question, or a refusal by name."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import orjson
import pytest

from sam2_session.core.errors import UnsupportedImport
from sam2_session.core.types import Box
from sam2_session.formats.format_detection import read_document, read_import
from sam2_session.formats.importing.plan import ImportPlan, NamedPoint
from tests.formats.archives import make_zip, picture, square
from tests.formats.label_studio.documents import CHOICES, drawn, facts, found, image_task, remarks

RING = [10, 20, 30, 20, 30, 40, 10, 40]
RECTANGLE = drawn("rectangle", x=10, y=20, width=30, height=40)


def coco(*annotations: dict[str, Any], images: list[dict[str, Any]] | None = None) -> Any:
    return {
        "images": images or [{"id": 7, "file_name": "00003.jpg", "width": 160, "height": 90}],
        "categories": [{"id": 1, "name": "shaft", "keypoints": ["tip"]}],
        "annotations": [{"id": at, "category_id": 1, "image_id": 7, **row}
                        for at, row in enumerate(annotations, start=1)],
    }  # fmt: skip


def plan_of(document: Any) -> ImportPlan:
    return read_document(document, facts(), CHOICES)


def masks_of(path: Path, size_hw: tuple[int, int] = (90, 160)) -> dict[tuple[str, int], Any]:
    with read_import(path, facts(size_hw=size_hw), CHOICES) as plan:
        return {
            (item.subject, item.frame_idx): item.content.read()  # type: ignore[union-attr]
            for item in plan.items
        }


def zip_plan(folder: Path, files: dict[str, bytes], **choices: Any) -> ImportPlan:
    chosen = replace(CHOICES, **choices)
    with read_import(make_zip(folder / "a.zip", files), facts(), chosen) as plan:
        return plan


@pytest.mark.parametrize("ids", [("img-a", "img-b"), ("3", "4"), (20240501120003, 20240501120004)])
def test_images_are_joined_by_ids_of_any_kind(ids: tuple[object, ...]) -> None:
    images = [{"id": own, "file_name": f"0000{at}.jpg"} for at, own in enumerate(ids, start=2)]
    rows = [{"segmentation": [RING], "image_id": own} for own in ids]
    document = {**coco(*rows, images=images), "categories": [{"id": "c", "name": "wrist"}]}
    for row in document["annotations"]:
        row["category_id"] = "c"

    assert found(plan_of(document)) == [("wrist", 2, "mask"), ("wrist", 3, "mask")]


@pytest.mark.parametrize(
    ("own", "named", "frame_idx"),
    [
        ([f"{at:04d}.jpg" for at in range(1, 21)], "0005.jpg", 4),
        ([f"{at:04d}.jpg" for at in range(20)], "0005.jpg", 5),
        ([f"{at:05d}.jpg" for at in range(0, 40, 2)], "00004.jpg", 2),
        (["a.jpg", "b.jpg", "c.jpg"], "c.jpg", 2),
    ],
)
def test_pictures_of_a_video_are_found_by_their_names(
    own: list[str], named: str, frame_idx: int
) -> None:
    video = replace(facts(num_frames=len(own)), frame_names=tuple(own))
    images = [{"id": 7, "file_name": named}]
    documents = (
        coco({"segmentation": [RING]}, images=images),
        [image_task(RECTANGLE, image=f"/data/local-files/?d=x/{named}")],
    )

    for document in documents:
        plan = read_document(document, video, CHOICES)
        assert [item.frame_idx for item in plan.items] == [frame_idx]


def test_shapes_drawn_at_another_size_are_scaled_and_that_is_said() -> None:
    images = [{"id": 7, "file_name": "00003.jpg", "width": 320, "height": 360}]
    rows = [{"segmentation": [RING]}, {"bbox": [20, 40, 40, 80]}, {"keypoints": [40, 80, 2]}]
    plan = plan_of(coco(*rows, images=images))
    contents: dict[str, Any] = {item.kind: item.content for item in plan.items}
    mask = contents["mask"].read()

    assert np.argwhere(mask).min(axis=0).tolist() == [5, 5]
    assert int(mask.sum()) == 10 * 5
    assert contents["box"] == Box(10, 10, 30, 30)
    assert contents["keypoint"] == NamedPoint(20, 20, "tip", True)
    why = "Drawn on pictures of 320x360, scaled to 160x90. They have another shape: check them."
    assert why in remarks(plan, "warning")


def test_run_lengths_of_another_size_are_scaled_and_that_is_said() -> None:
    rle = {"size": [45, 80], "counts": [0, 45 * 80]}
    plan = plan_of(coco({"segmentation": rle}, images=[{"id": 7, "file_name": "00003.jpg"}]))

    assert plan.items[0].content.read().all()  # type: ignore[union-attr]
    assert remarks(plan, "note") == ["Drawn on pictures of 80x45, scaled to 160x90."]


def test_objects_of_one_category_without_ids_are_instances_from_left_to_right() -> None:
    right = [80, 20, 90, 20, 90, 40]
    plan = plan_of(coco({"segmentation": [right]}, {"segmentation": [RING]}))

    assert [(subject.name, subject.group) for subject in plan.subjects] == [
        ("shaft", "1"), ("shaft#2", "2")]  # fmt: skip
    assert plan.items[0].content.read()[30, 20]  # type: ignore[union-attr]
    assert "Check them." in remarks(plan, "warning")[0]


def test_texts_are_ids_of_tracks_too() -> None:
    rows = [{"segmentation": [RING], "attributes": {"track_id": name}} for name in ("a", "b")]

    assert [subject.group for subject in plan_of(coco(*rows)).subjects] == ["a", "b"]


@pytest.mark.parametrize(
    ("segmentation", "kind", "said"),
    [
        ([RING, [5, 5, 6, 6]], "mask", 1),
        ([[]], "box", 0),
        ([], "box", 0),
        (RING, "mask", 0),
    ],
)
def test_a_bad_ring_takes_nothing_else_with_it(segmentation: Any, kind: str, said: int) -> None:
    plan = plan_of(coco({"segmentation": segmentation, "bbox": [10, 20, 20, 20]}))

    assert found(plan) == [("shaft", 3, kind)]
    assert len(remarks(plan, "warning")) == said


def test_of_several_clips_the_one_of_this_name_is_read() -> None:
    images = [{"id": at, "file_name": f"{clip}/0000{at % 2}.jpg"}
              for at, clip in enumerate(("clip", "clip", "other", "other"))]  # fmt: skip
    rows = [{"segmentation": [RING], "image_id": at} for at in range(4)]
    plan = plan_of(coco(*rows, images=images))

    assert found(plan) == [("shaft", 0, "mask"), ("shaft", 1, "mask")]
    assert [task.value for task in plan.tasks] == ["clip", "other"]


def test_of_several_tracked_videos_the_one_of_this_name_is_read() -> None:
    names = ("other", "clip")
    document = {
        "videos": [{"id": name, "file_names": [f"{name}/00004.jpg"]} for name in names],
        "categories": [{"id": 1, "name": "shaft"}],
        "annotations": [{"id": at, "video_id": name, "category_id": 1, "segmentations": [[RING]]}
                        for at, name in enumerate(names, start=1)],
    }  # fmt: skip

    assert found(plan_of(document)) == [("shaft", 4, "mask")]


@pytest.mark.parametrize(("name", "said"), [("clip.mp4", 0), ("other.mp4", 1)])
def test_a_file_of_another_video_says_so(tmp_path: Path, name: str, said: int) -> None:
    tracked = {
        "videos": [{"id": 1, "name": name, "file_names": ["00004.jpg"]}],
        "categories": [{"id": 1, "name": "shaft"}],
        "annotations": [{"id": 1, "video_id": 1, "category_id": 1, "segmentations": [[RING]]}],
    }
    box = '<box frame="4" outside="0" keyframe="1" xtl="10" ytl="20" xbr="30" ybr="60"/>'
    xml = f"<annotations><meta><source>{name}</source></meta><track id='0' label='shaft'>{box}"
    plans = plan_of(tracked), zip_plan(tmp_path, {"a.xml": f"{xml}</track></annotations>".encode()})

    for plan in plans:
        assert [item.frame_idx for item in plan.items] == [4]
        assert len(remarks(plan, "warning")) == said


POSE = b"names: [shaft]\nkpt_shape: [2, 3]\nkpt_names: {0: [tip, root]}\n"


@pytest.mark.parametrize(
    ("names", "line", "contents"),
    [
        (
            POSE,
            "0 .5 .5 .25 .2 .5 .5 2 .75 .5 0",
            [NamedPoint(80, 45, "tip"), Box(60, 36, 100, 54)],
        ),
        (b"names: [shaft]", "0 .5 .5 .25 .2 .93", [Box(60, 36, 100, 54)]),
        (b"names: [shaft]", "0 .5 .5 .25 .2 .93 4", [Box(60, 36, 100, 54)]),
    ],
)
def test_lines_of_poses_and_tracks_are_boxes(
    tmp_path: Path, names: bytes, line: str, contents: list[Any]
) -> None:
    plan = zip_plan(tmp_path, {"data.yaml": names, "labels/00001.txt": line.encode()})

    assert [item.content for item in plan.items] == contents
    assert plan.subjects[0].group == ("4" if line.endswith(" 4") else "1")


def test_the_confidence_after_an_outline_is_left_out(tmp_path: Path) -> None:
    line = b"0 .1 .2 .2 .2 .2 .3 .93"
    plan = zip_plan(tmp_path, {"data.yaml": b"names: [shaft]", "labels/00001.txt": line})

    assert found(plan) == [("shaft", 0, "mask")]
    assert len(remarks(plan, "note")) == 1


@pytest.mark.parametrize(
    "files",
    [
        {"classes.txt": b"wrist\nshaft\n", "labels/1a2b3c4d-frame_00003.txt": b"1 .5 .5 .2 .2"},
        {"obj.names": b"wrist\nshaft\n", "obj_train_data/frame_000003.txt": b"1 .5 .5 .2 .2"},
        {"classes.txt": b"wrist\nshaft\n", "frame_000003.txt": b"1 .5 .5 .2 .2"},
    ],
)
def test_label_files_of_other_programs_have_their_names(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    assert found(zip_plan(tmp_path, files)) == [("shaft", 3, "box")]


def grey(*regions: tuple[int, int], dtype: Any = np.uint8) -> Any:
    values = np.zeros((90, 160), dtype)
    for at, value in regions:
        values[square(at)] = value
    return values


@pytest.mark.parametrize(
    ("values", "subjects"),
    [
        (grey((0, 1), (30, 2), (60, 255)), ["1", "2"]),
        (grey((0, 1), (30, 255)), ["1"]),
        (grey((0, 32), (30, 64), (60, 96)), ["32", "64", "96"]),
    ],
)
def test_numbers_with_a_void_are_objects(tmp_path: Path, values: Any, subjects: list[str]) -> None:
    plan = zip_plan(tmp_path, {"m/00003.png": picture(".png", values)})

    assert found(plan) == [(subject, 3, "mask") for subject in subjects]
    assert len(remarks(plan, "skipped")) == int(255 in values)


def test_one_number_alone_is_a_mask(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"m/00003.png": picture(".png", grey((4, 7)))})

    assert np.array_equal(masks_of(path)["m", 3], square(4))


def test_soft_edges_with_few_greys_stay_one_mask(tmp_path: Path) -> None:
    soft = cv2.GaussianBlur(grey((20, 255)), (3, 3), 0.5)
    path = make_zip(tmp_path / "a.zip", {"m/00003.png": picture(".png", soft)})

    assert list(masks_of(path)) == [("m", 3)]
    assert 80 <= int(masks_of(path)["m", 3].sum()) <= 100


def coloured(*regions: tuple[int, tuple[int, int, int]]) -> bytes:
    values = np.zeros((90, 160, 3), np.uint8)
    for at, (red, green, blue) in regions:
        values[square(at)] = (blue, green, red)
    return picture(".png", values)


def test_each_colour_is_an_object_and_the_border_of_voc_is_none(tmp_path: Path) -> None:
    image = coloured((0, (128, 0, 0)), (30, (0, 128, 0)), (60, (224, 224, 192)))
    masks = masks_of(make_zip(tmp_path / "a.zip", {"SegmentationClass/00003.png": image}))

    assert sorted(masks) == [("#008000", 3), ("#800000", 3)]
    assert np.array_equal(masks["#800000", 3], square(0))


LABELMAP = (
    b"# label:color_rgb:parts:actions\nbackground:0,0,0::\nshaft:250,50,83::\nwrist:5,183,250::\n"
)


def test_a_label_map_names_the_colours(tmp_path: Path) -> None:
    files = {"SegmentationClass/00003.png": coloured((0, (250, 50, 83))), "labelmap.txt": LABELMAP}

    assert found(zip_plan(tmp_path, files)) == [("shaft", 3, "mask")]


def test_pictures_of_objects_get_their_names_from_those_of_classes(tmp_path: Path) -> None:
    classes = coloured((0, (250, 50, 83)), (30, (250, 50, 83)), (60, (5, 183, 250)))
    objects = coloured((0, (128, 0, 0)), (30, (0, 128, 0)), (60, (128, 128, 0)))
    files = {
        "SegmentationClass/frame_000003.png": classes,
        "SegmentationObject/frame_000003.png": objects,
        "labelmap.txt": LABELMAP,
    }
    masks = masks_of(make_zip(tmp_path / "a.zip", files))

    assert {name: int(np.argwhere(mask)[0][0]) for (name, _), mask in masks.items()} == {
        "shaft": 35, "shaft#2": 5, "wrist": 65}  # fmt: skip


def test_sixteen_bits_hold_class_and_instance(tmp_path: Path) -> None:
    values = grey((0, 2001), (30, 2002), (60, 10_000), dtype=np.uint16)
    files = {
        "instances/0002/000003.png": picture(".png", values),
        "instances/labels.txt": b"car\npedestrian\n",
    }
    plan = zip_plan(tmp_path, files)

    assert [(subject.name, subject.group) for subject in plan.subjects] == [
        ("pedestrian", "2001"), ("pedestrian#2", "2002")]  # fmt: skip
    assert len(remarks(plan, "skipped")) == 1


def test_folders_that_are_frames_are_not_read_as_objects(tmp_path: Path) -> None:
    files = {f"masks/000{frame}/{number}.png": picture(".png", grey((4, 255)))
             for frame in (2, 3) for number in (0, 1)}  # fmt: skip
    plan = zip_plan(tmp_path, files)

    assert found(plan) == [("0", 2, "mask"), ("1", 2, "mask"), ("0", 3, "mask"), ("1", 3, "mask")]


def test_masks_joined_on_one_frame_are_said(tmp_path: Path) -> None:
    shapes = [drawn("polygon", f"r{at}", points=[[at, 10], [at + 9, 10], [at, 50]])
              for at in (10, 60)]  # fmt: skip
    plan = plan_of([image_task(*shapes, image="00003.png")])

    assert remarks(plan, "warning") == ["Several masks of one object were joined."]


@pytest.mark.parametrize(
    "names",
    [
        ("shaft/00003.png", "shaft/00003_mask.png"),
        ("shaft/00003_mask.png", "shaft/00003_mask1.png"),
        ("shaft/00003.npy", "shaft/00003_mask.npy"),
    ],
)
def test_two_files_of_one_object_on_one_frame_are_refused_by_name(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    array = io.BytesIO()
    np.save(array, np.zeros((90, 160), np.bool_))
    mask = {".png": picture(".png", grey((4, 255))), ".npy": array.getvalue()}
    files = {name: mask[Path(name).suffix] for name in names}
    with pytest.raises(UnsupportedImport, match="Two files hold a mask of shaft for frame 3") as no:
        zip_plan(tmp_path, files)

    assert all(name.rsplit("/", 1)[-1] in str(no.value) for name in names)


def test_every_document_of_label_studio_is_read(tmp_path: Path) -> None:
    tasks = {f"{at}.json": orjson.dumps([image_task(RECTANGLE, image=f"0000{at}.jpg", task_id=at)])
             for at in (3, 8)}  # fmt: skip

    assert [item.frame_idx for item in zip_plan(tmp_path, tasks).items] == [3, 8]


def test_annotations_in_a_storage_and_old_completions_are_read() -> None:
    stored = {"id": 1, "result": [RECTANGLE], "task": {"id": 5, "data": {"image": "00003.jpg"}}}
    old = {
        "id": 5,
        "data": {"image": "00003.jpg"},
        "completions": [{"id": 1, "result": [RECTANGLE]}],
    }

    assert found(plan_of(stored)) == found(plan_of([old])) == [("shaft", 3, "box")]


def test_every_document_of_cvat_is_read(tmp_path: Path) -> None:
    box = '<box frame="{}" outside="0" keyframe="1" xtl="10" ytl="20" xbr="30" ybr="60"/>'
    files = {
        f"job_{at}/annotations.xml": (
            "<annotations><meta><source>clip.mp4</source></meta>"
            f'<track id="0" label="shaft">{box.format(at)}</track></annotations>'
        ).encode()
        for at in (0, 10)
    }

    assert [item.frame_idx for item in zip_plan(tmp_path, files).items] == [0, 10]


@pytest.mark.parametrize(
    ("document", "program"),
    [
        ({"_via_settings": {}, "_via_img_metadata": {}}, "VIA"),
        ({"objects": [{"geometryType": "polygon"}], "size": {}}, "Supervisely"),
        ({"info": {}, "categories": {}, "items": []}, "Datumaro"),
        ({"info": {"folder": "", "name": "1.jpg"}, "objects": []}, "ISAT"),
    ],
)
def test_files_that_are_not_read_are_named(tmp_path: Path, document: Any, program: str) -> None:
    with pytest.raises(UnsupportedImport, match=program):
        plan_of(document)
    with pytest.raises(UnsupportedImport, match=program):
        zip_plan(tmp_path, {"1.json": orjson.dumps(document)})
