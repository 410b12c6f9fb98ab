"""The layouts of EndoVis 2017 and 2018 and of SAR-RARP50, written and read."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.types import Instance
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.plan import ImportChoices, VideoFacts
from tests.formats.archives import make_zip
from tests.formats.drawn_source import SIZE_HW, DrawnSource, written

FACTS = VideoFacts(("clip.mp4", "clip"), SIZE_HW, 4, 25.0)
CHOICES = ImportChoices(regions=("overall", "shaft", "wrist", "gripper"))
DRIVER = Instance(1, "tool 1", "#f2a33a", class_name="Large Needle Driver")
PARTS = tuple(
    Pair(DRIVER, region, at, "#f2a33a")
    for at, region in enumerate(("shaft", "wrist", "gripper"), 1)
)
TOP = PARTS[-1]  # painted last
EXPECTED = {
    "endovis_2017": ("ground_truth/PartsSegmentation/frame000.png", 255),
    "endovis_2018": ("labels/frame000.png", (0, 255, 255)),
    "sar_rarp50": ("segmentation/000000000.png", 1),
}


def picture(path: Path, name: str) -> Any:
    with zipfile.ZipFile(path) as file:
        return np.asarray(Image.open(io.BytesIO(file.read(name))))


def source() -> DrawnSource:
    return DrawnSource(2, PARTS)


@pytest.mark.parametrize("layout", EXPECTED)
def test_the_gripper_has_the_clasper_s_value(tmp_path: Path, layout: str) -> None:
    name, value = EXPECTED[layout]
    drawn = source()
    image = picture(written(tmp_path, "surgical", drawn, layout=layout), name)

    assert (image[drawn.mask(TOP, 0)] == value).all()


def test_endovis_2017_has_binary_and_type_beside_the_parts(tmp_path: Path) -> None:
    drawn = source()
    path = written(tmp_path, "surgical", drawn)
    union = np.logical_or.reduce([drawn.mask(pair, 0) for pair in PARTS])

    for folder, value in (("Binary", 255), ("Type", 3 * 32)):
        image = picture(path, f"ground_truth/{folder}Segmentation/frame000.png")
        assert np.array_equal(image, np.where(union, value, 0))


def test_values_can_be_chosen(tmp_path: Path) -> None:
    drawn = source()
    path = written(tmp_path, "surgical", drawn, layout="sar_rarp50", values="gripper=40, wrist=41")
    image = picture(path, "segmentation/000000000.png")
    assert (image[drawn.mask(TOP, 0)] == 40).all()


@pytest.mark.parametrize("values", ["gripper", "gripper=#00ff00", "gripper=300", "gripper=0"])
def test_values_that_the_layout_cannot_hold_are_refused(tmp_path: Path, values: str) -> None:
    with pytest.raises(InvalidRequest, match="values has"):
        written(tmp_path, "surgical", source(), values=values)


@pytest.mark.parametrize("layout", EXPECTED)
def test_what_is_seen_of_each_part_comes_back(tmp_path: Path, layout: str) -> None:
    drawn = source()
    seen = {}
    above = np.zeros(SIZE_HW, bool)
    for pair in reversed(PARTS):
        seen[(pair.instance_id, pair.region)] = drawn.mask(pair, 1) & ~above
        above |= drawn.mask(pair, 1)
    path = written(tmp_path, "surgical", drawn, layout=layout)
    with read_import(path, FACTS, CHOICES) as plan:
        subjects = {subject.name: subject for subject in plan.subjects}
        found = {
            (subjects[item.subject].instance_id, subjects[item.subject].region): item.content.read()  # type: ignore[union-attr]
            for item in plan.items
            if item.frame_idx == 1
        }
    assert found.keys() == {key for key, mask in seen.items() if mask.any()}
    assert all(np.array_equal(found[key], seen[key]) for key in found)


def test_a_challenge_s_own_files_are_read_by_their_values(tmp_path: Path) -> None:
    """Parts in greys, whose 255 is the clasper and not `do not care`; types tell instruments."""
    parts, types = np.zeros(SIZE_HW, np.uint8), np.zeros(SIZE_HW, np.uint8)
    parts[5:20, 5:20], parts[5:20, 20:30] = 85, 255
    parts[30:40, 5:20] = 85
    types[5:20, 5:30], types[30:40, 5:20] = 32, 96
    files = {
        "instrument_dataset_1/ground_truth/PartsSegmentation/frame002.png": parts,
        "instrument_dataset_1/ground_truth/TypeSegmentation/frame002.png": types,
    }
    path = make_zip(tmp_path / "a.zip", {name: png(image) for name, image in files.items()})
    with read_import(path, FACTS, CHOICES) as plan:
        found = {(subject.class_name, subject.region) for subject in plan.subjects}
        assert {item.frame_idx for item in plan.items} == {2}
    assert found == {
        ("bipolar forceps", "shaft"), ("bipolar forceps", "gripper"),
        ("large needle driver", "shaft"),
    }  # fmt: skip
    assert any("one instance" in note.why for note in plan.notes)


def png(image: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def test_instances_of_no_type_are_told(tmp_path: Path) -> None:
    plain = tuple(replace(pair, instance=replace(DRIVER, class_name=None)) for pair in PARTS)
    path = written(tmp_path, "surgical", DrawnSource(1, plain))
    with zipfile.ZipFile(path) as file:
        assert b"type 7, other" in file.read("manifest.json")
