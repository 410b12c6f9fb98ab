"""PNG masks of every layout become masks of the right subject on the right frame."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from PIL import Image

from sam2_session.core.errors import InvalidPrompt, UnsupportedImport
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.plan import ImportPlan
from tests.formats.archives import make_zip, mask_png, picture, square
from tests.formats.label_studio.documents import CHOICES, facts, found, remarks


def plan_and_masks(path: Path, **video: Any) -> tuple[ImportPlan, list[Any]]:
    with read_import(path, facts(**video), CHOICES) as plan:
        return plan, [item.content.read() for item in plan.items]  # type: ignore[union-attr]


def palette_png(ids_hw: Any) -> bytes:
    image = Image.fromarray(ids_hw)
    image.putpalette(bytes(range(256)) * 3)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_our_own_layout_comes_back(tmp_path: Path) -> None:
    files = {f"instance2/masks_shaft/{at:05d}.png": mask_png(at) for at in (3, 1)}
    plan, masks = plan_and_masks(make_zip(tmp_path / "m.zip", files))

    assert found(plan) == [("instance2/shaft", 0, "mask"), ("instance2/shaft", 2, "mask")]
    assert (plan.subjects[0].instance_id, plan.subjects[0].region) == (2, "shaft")
    assert np.array_equal(masks[1], square(3))


def test_our_own_layout_counts_from_1_even_where_all_numbers_are_large(tmp_path: Path) -> None:
    plan, _ = plan_and_masks(
        make_zip(tmp_path / "m.zip", {"x/instance1/masks_overall/00030.png": mask_png(1)})
    )

    assert [item.frame_idx for item in plan.items] == [29]


def test_the_manifest_says_the_base(tmp_path: Path) -> None:
    files = {
        "instance1/masks_overall/00030.png": mask_png(1),
        "manifest.json": b'{"options":{"base":0}}',
    }

    plan, _ = plan_and_masks(make_zip(tmp_path / "m.zip", files))
    assert [item.frame_idx for item in plan.items] == [30]


def test_the_first_file_is_the_one_of_the_smallest_number_in_any_folder(tmp_path: Path) -> None:
    files = {f"{name}.png": mask_png(1) for name in ("b/f10", "b/f9", "a/f100")}

    plan, _ = plan_and_masks(make_zip(tmp_path / "m.zip", files))
    assert plan.first_file == "f9.png"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("00001.png", ("mask", "mask", None, None)),
        ("3/00001.png", ("3", "3", 3, None)),
        ("tool1_shaft/00001.png", ("tool1_shaft", "tool1", None, "shaft")),
        ("tool1/shaft/00001.png", ("shaft", "tool1", None, "shaft")),
        ("a/клещи/00001.png", ("клещи", "клещи", None, None)),
    ],
)
def test_a_folder_is_an_object(tmp_path: Path, path: str, said: tuple[Any, ...]) -> None:
    plan, _ = plan_and_masks(make_zip(tmp_path / "m.zip", {path: mask_png(1)}))

    (one,) = plan.subjects
    assert (one.label, one.group, one.instance_id, one.region) == said


def test_a_palette_holds_an_object_for_each_number(tmp_path: Path) -> None:
    ids = square(0).astype(np.uint8) + 2 * square(30).astype(np.uint8)
    ids[0, 0] = 255
    files = {
        "Annotations/480p/clip/00000.png": palette_png(ids),
        "JPEGImages/480p/clip/00000.jpg": b"x",
    }
    plan, masks = plan_and_masks(make_zip(tmp_path / "m.zip", files))

    assert found(plan) == [("1", 0, "mask"), ("2", 0, "mask")]
    assert np.array_equal(masks[1], square(30))
    assert remarks(plan, "skipped") == ["255 is no object but 'do not care'."]


def test_greys_that_are_numbers_are_told_from_soft_edges(tmp_path: Path) -> None:
    ids = square(0).astype(np.uint8) + 2 * square(30).astype(np.uint8)
    soft = np.tile(np.arange(160, dtype=np.uint8), (90, 1))
    files = {"ids/00001.png": picture(".png", ids), "soft/00001.png": picture(".png", soft)}
    plan, masks = plan_and_masks(make_zip(tmp_path / "m.zip", files))

    assert found(plan) == [("1", 0, "mask"), ("2", 0, "mask"), ("soft", 0, "mask")]
    assert np.array_equal(masks[2], soft >= 128)


def test_numbers_of_our_manifest_say_whom_they_mean(tmp_path: Path) -> None:
    rows = [{"number": 1, "instance_id": 4, "region": "shaft"},
            {"number": 2, "instance_id": 5, "region": "shaft"},
            {"number": 2, "instance_id": 5, "region": "wrist"}]  # fmt: skip
    ids = square(0).astype(np.uint8) + 2 * square(30).astype(np.uint8)
    files = {
        "masks/00001.png": picture(".png", ids),
        "manifest.json": orjson.dumps({"numbers": rows}),
    }
    plan, _ = plan_and_masks(make_zip(tmp_path / "m.zip", files))

    assert [(subject.instance_id, subject.region) for subject in plan.subjects] == [
        (4, "shaft"),
        (5, "overall"),
    ]


@pytest.mark.parametrize("values", [(0, 1), (0, 255), (0, 200), (10, 240)])
def test_two_greys_are_a_mask_whichever_they_are(tmp_path: Path, values: tuple[int, int]) -> None:
    grey = np.where(square(4), np.uint8(values[1]), np.uint8(values[0]))

    _, masks = plan_and_masks(make_zip(tmp_path / "m.zip", {"1.png": picture(".png", grey)}))
    assert np.array_equal(masks[0], square(4))


def test_sixteen_bits_colours_and_alpha_are_masks_too(tmp_path: Path) -> None:
    deep = square(1).astype(np.uint16) * np.uint16(65535)
    red = np.zeros((90, 160, 3), np.uint8)
    red[square(2)] = (0, 0, 255)
    cut_out = np.full((90, 160, 4), 90, np.uint8)
    cut_out[:, :, 3] = square(3) * 255
    files = {f"{name}/1.png": picture(".png", image)
             for name, image in (("a", deep), ("b", red), ("c", cut_out))}  # fmt: skip

    _, masks = plan_and_masks(make_zip(tmp_path / "m.zip", files))
    assert [int(np.argwhere(mask)[0][0]) for mask in masks] == [6, 7, 8]


def test_masks_of_another_size_are_reported_and_left_out(tmp_path: Path) -> None:
    files = {"1.png": mask_png(1, (80, 160)), "2.png": mask_png(2)}
    plan, _ = plan_and_masks(make_zip(tmp_path / "m.zip", files))

    assert [item.frame_idx for item in plan.items] == [1]
    assert remarks(plan, "skipped") == ["The mask is 160x80, the video 160x90."]


def test_frames_beyond_the_end_are_reported_and_left_out(tmp_path: Path) -> None:
    plan, _ = plan_and_masks(
        make_zip(tmp_path / "m.zip", {"1.png": mask_png(1), "90.png": mask_png(2)})
    )

    assert [item.frame_idx for item in plan.items] == [0]


def test_a_broken_picture_fails_alone(tmp_path: Path) -> None:
    files = {"a/1.png": mask_png(1), "a/2.png": mask_png(2)[:60], "a/3.png": b"no png"}
    path = make_zip(tmp_path / "m.zip", files)

    with read_import(path, facts(), CHOICES) as plan:
        assert remarks(plan, "skipped") == ["The picture is not a PNG."]
        assert plan.items[0].content.read().any()  # type: ignore[union-attr]
        with pytest.raises(InvalidPrompt, match="broken"):
            plan.items[1].content.read()  # type: ignore[union-attr]


def test_an_archive_of_other_things_is_refused_with_what_is_known(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "m.zip", {"readme.txt": b"x"})

    with pytest.raises(UnsupportedImport) as refusal, read_import(path, facts(), CHOICES):
        pass
    assert "Label Studio" in refusal.value.hint


@pytest.mark.parametrize(
    ("kinds", "objects"),
    [
        (("color", "instanceIds", "labelIds"), ["7", "26001", "26002"]),
        (("color", "labelIds"), ["7", "26"]),
        (("color",), ["#00008e", "#804080"]),
    ],
)
def test_of_the_pictures_of_cityscapes_one_of_each_frame_is_read(
    tmp_path: Path, kinds: tuple[str, ...], objects: list[str]
) -> None:
    instances = np.zeros((90, 160), np.uint16)
    colours = np.zeros((90, 160, 4), np.uint8)
    colours[..., 3] = 255
    for at, value, colour in ((0, 7, (128, 64, 128)), (30, 26001, (142, 0, 0))):
        instances[square(at)], colours[square(at), :3] = value, colour
    instances[square(60)], colours[square(60), :3] = 26002, (142, 0, 0)
    numbers = np.where(instances > 1000, instances // 1000, instances).astype(np.uint8)
    images = {"instanceIds": instances, "labelIds": numbers, "color": colours}
    files = {
        f"gtFine/val/clip/clip_000000_{at:06d}_gtFine_{kind}.png": picture(".png", images[kind])
        for at in (3, 4)
        for kind in kinds
    }
    with read_import(make_zip(tmp_path / "a.zip", files), facts(), CHOICES) as plan:
        assert [subject.name for subject in plan.subjects] == objects
        assert {item.frame_idx for item in plan.items} == {3, 4}
        assert len(remarks(plan, "note")) == int(len(kinds) > 1)
